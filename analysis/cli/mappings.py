"""`cotscope mapping`: readings of records that a person saved by name."""

from __future__ import annotations

from pathlib import Path

import click

from analysis.cli.common import clean, count, db_option, json_option, path_of, print_json


@click.group()
def mapping() -> None:
    """Save and show mappings: how the fields of foreign records are read (docs/importing.md)."""


@mapping.command("list")
@db_option
@json_option
def list_(db: Path | None, as_json: bool) -> None:
    """List the saved mappings."""
    from analysis.store import open_store
    from analysis.store.mappings import list_mappings

    with open_store(path_of(db), read_only=True) as store:
        found = list_mappings(store)
    if as_json:
        rows = [
            {
                "name": saved.mapping.name,
                "created_at": saved.created_at,
                "updated_at": saved.updated_at,
                "traces": saved.n_traces,
                "spec": saved.mapping.to_json(),
            }
            for saved in found
        ]
        print_json(rows)
        return
    for saved in found:
        fields = count(len(saved.mapping.sources), "field")
        click.echo(f"{saved.mapping.name}: {fields}, {count(saved.n_traces, 'trace')} read by it")
    if not found:
        click.echo("No mapping is saved. Begin with: cotscope import --preview FILE")


@mapping.command("show")
@click.argument("name")
@db_option
def show(name: str, db: Path | None) -> None:
    """Print a saved mapping as JSON; redirect it to a file to share it."""
    from analysis.store import open_store
    from analysis.store.mappings import load_mapping

    with open_store(path_of(db), read_only=True) as store:
        print_json(load_mapping(store, name).to_json())


@mapping.command("save")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--name", help="Name to save it under; default: the one in the file.")
@db_option
def save(file: Path, name: str | None, db: Path | None) -> None:
    """Save a mapping from a JSON file."""
    from analysis.store import open_store
    from analysis.store.mappings import read_mapping_file, save_mapping

    found = read_mapping_file(file, name=name)
    with open_store(path_of(db)) as store:
        new = save_mapping(store, found)
    click.echo(f"{'Saved' if new else 'Replaced'} the mapping {clean(found.name)}.")


@mapping.command("delete")
@click.argument("name")
@db_option
def delete(name: str, db: Path | None) -> None:
    """Forget a saved mapping; traces that were read by it stay."""
    from analysis.store import open_store
    from analysis.store.mappings import delete_mapping

    with open_store(path_of(db), must_exist=True) as store:
        delete_mapping(store, name)
    click.echo(f"Deleted the mapping {clean(name)}.")
