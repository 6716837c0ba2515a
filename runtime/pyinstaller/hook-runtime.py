"""PyInstaller's hook for `runtime`: shipped models, and metadata that names version and schemes."""

from pathlib import Path

from PyInstaller.utils.hooks import collect_submodules, copy_metadata

from runtime.engine.models import shipped_folders

datas = [
    (str(file), f"runtime/models/{folder.name}")
    for folder in shipped_folders()
    for file in sorted(Path(folder).iterdir())
    if file.suffix in (".onnx", ".json")
]
hiddenimports = collect_submodules("runtime")  # the public names are imported when used
datas += copy_metadata("plainsight-onnx")
