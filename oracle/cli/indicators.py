"""`oracle indicators`: what the language can compute."""

from __future__ import annotations

from typing import Annotated

import typer

from oracle.cli.output import JsonOption, print_json

app = typer.Typer()


@app.command(epilog="Example: oracle indicators rsi")
def indicators(
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="One function; all of them without it.")] = None,
    as_json: JsonOption = False,
) -> None:
    """List the functions of the language, or document one."""
    from oracle.core.diagnostics import nearest
    from oracle.core.errors import UsageError
    from oracle.indicators import document
    from oracle.signals.catalog import by_name, functions

    if name is None:
        if as_json:
            print_json([function.model_dump() for function in functions()])
            return
        family = ""
        for function in functions():
            if function.family != family:
                family = function.family
                print(f"\n{family}")
            print(f"  {function.signature:<64} {function.summary}")
        return
    wanted = by_name().get(name)
    if wanted is None:
        near = nearest(name, by_name())
        raise UsageError(f"no function is named {name}{f'; did you mean {near}?' if near else ''}")
    if as_json:
        print_json(wanted.model_dump())
        return
    print(f"{wanted.signature}\n\n{document(wanted)}")
