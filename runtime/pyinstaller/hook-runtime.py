"""PyInstaller's hook for `runtime`: models, tables, and metadata with version and schemes."""

from pathlib import Path

from PyInstaller.utils.hooks import collect_data_files, collect_submodules, copy_metadata

from runtime.engine.models import shipped_folders

datas = [
    (str(file), f"runtime/models/{folder.name}")
    for folder in shipped_folders()
    for file in sorted(Path(folder).iterdir())
    if file.suffix in (".onnx", ".json")
]
# The public names are imported when used. A frozen program has no cluster, and needs no Ray.
hiddenimports = collect_submodules(
    "runtime", filter=lambda name: not name.startswith("runtime.distributed")
)
datas += collect_data_files("runtime", includes=["**/*.bin"])
datas += copy_metadata("plainsight-onnx")
