"""The fields of the forms that are sent; those of a model's options are made from what it declares.

Types are read from annotations when the application is made, so this module evaluates them.
"""

import dataclasses
import inspect
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Form

from runtime.errors import UsageError
from runtime.pipeline import FileOptions
from runtime.schemes import OptionSpec, value_of

Passphrase = Annotated[
    str | None,
    Form(max_length=1024, description="only who knows it can reveal; left out: anyone can"),
]


class Chosen:
    """Makes the options of a model from the fields of a form; a FastAPI dependency.

    Args:
        declared: The options of the model, by name.
    """

    def __init__(self, declared: Mapping[str, OptionSpec]) -> None:
        self._declared = declared
        # FastAPI takes the fields from it.
        self.__signature__ = inspect.Signature(
            [_parameter(name, spec) for name, spec in declared.items()]
        )

    def __call__(self, **given: Any) -> dict[str, Any]:
        """The options that were given, by name."""
        chosen = {name: value for name, value in given.items() if value is not None}
        for name, value in chosen.items():
            if isinstance(value, str):
                chosen[name] = value = value_of(self._declared[name].choices, value)
            if value not in self._declared[name].choices:
                # The library's own message repeats the value.
                allowed = ", ".join(map(str, self._declared[name].choices))
                raise UsageError(f"{name} must be one of {allowed}")
        return chosen


def _parameter(name: str, spec: OptionSpec) -> inspect.Parameter:
    field = Form(
        description=f"{spec.help} (default: {spec.default})",
        json_schema_extra={"enum": list(spec.choices)},
    )
    types = {type(choice) for choice in spec.choices}
    of_value = types.pop() if len(types) == 1 else str
    kind = Annotated[of_value | None, field]  # type: ignore[valid-type]
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=kind)


class ChosenFiles:
    """Makes how files are read and written when hiding; a FastAPI dependency.

    Args:
        formats: Names of those that containers may have, the default first.
    """

    def __init__(self, formats: tuple[str, ...]) -> None:
        self._formats = formats
        field = Form(description="of the container", json_schema_extra={"enum": list(formats)})
        own = inspect.Parameter(
            "format",
            inspect.Parameter.KEYWORD_ONLY,
            default=formats[0],
            annotation=Annotated[str, field],
        )
        others = inspect.signature(_file_options, eval_str=True).parameters.values()
        self.__signature__ = inspect.Signature([own, *others])

    def __call__(self, *, format: str, **others: bool) -> FileOptions:  # noqa: A002
        """The options as they were given."""
        if format not in self._formats:
            raise UsageError(f"format must be one of {', '.join(self._formats)}")
        return dataclasses.replace(_file_options(**others), format=format)


def _file_options(
    *,
    convert: Annotated[bool, Form(description="convert a high-bit-depth cover to 8 bits")] = False,
    keep_metadata: Annotated[
        bool, Form(description="keep the EXIF of the cover, location and camera included")
    ] = False,
    drop_profile: Annotated[
        bool, Form(description="convert the colours of the cover to sRGB, without a profile")
    ] = False,
    strip_metadata: Annotated[
        bool, Form(description="hide the file of the secret without its EXIF and other metadata")
    ] = False,
) -> FileOptions:
    return FileOptions(
        convert=convert,
        keep_metadata=keep_metadata,
        drop_profile=drop_profile,
        strip_metadata=strip_metadata,
    )


def strip_option(
    strip_metadata: Annotated[
        bool, Form(description="as for /hide: without its metadata, a file is smaller")
    ] = False,
) -> FileOptions:
    """How files are read when asking for the capacity; a FastAPI dependency."""
    return FileOptions(convert=True, strip_metadata=strip_metadata)
