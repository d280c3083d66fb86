"""Write a document as YAML: the same text for every run and interpreter."""

from typing import Any


def yaml_text(document: dict[str, Any]) -> str:
    """Write JSON values as YAML, in the order of their keys."""
    # Only development needs PyYAML; a running server does not import it.
    import yaml  # noqa: PLC0415

    class Plain(yaml.SafeDumper):
        """Texts of several lines as blocks, and no references between equal parts."""

        def ignore_aliases(self, data: Any) -> bool:
            del data
            return True

    def as_text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
        return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if "\n" in value else None)

    Plain.add_representer(str, as_text)
    text: str = yaml.dump(document, Dumper=Plain, sort_keys=False, allow_unicode=True, width=110)
    return text
