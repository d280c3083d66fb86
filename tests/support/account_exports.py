"""Reports rows and reads their results."""

from tests.support.exports import results, write


def report(gateway, tmp_path, mappings, rows, name="results.csv", **options):
    source = write(tmp_path / f"{name}-export.csv", rows)
    output = tmp_path / name
    gateway.report_file(source=source, mapping=mappings / "arrears.toml", output=output, **options)
    return results(output)[1:]
