"""Alert rules: `kawat rules lint|apply|list|mute`; what is tried on a node stands in `ruletrials.py`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from worker.commands import options

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from search.rules.faults import Fault
    from search.rules.publishing import Mute
    from search.rules.reading import Reading
    from search.rules.records import Concept, Rule, RuleSet
    from worker.services import Services

app = typer.Typer(no_args_is_help=True, help="Alert rules: what the desk wants to be told of (docs/rules.md).")
COLUMNS = ("rule", "type", "priority", "owner", "tells", "alerts in 7 days", "")


def register(parent: typer.Typer) -> None:
    """Adds `rules` to the command line."""
    from worker.commands import backtest, ruletrials

    ruletrials.register(app)
    backtest.register(app)
    parent.add_typer(app, name="rules")


@app.command()
def lint(
    folder: Annotated[Path | None, typer.Argument(help="A folder of rules; left out, KAWAT_RULES.")] = None,
    json: options.Json = False,
) -> None:
    """Looks at rules and concepts: what cannot be read, what is perhaps not meant. Nothing is changed.

    Exit code 1 with errors, which keep rules out of force; warnings alone give 0.

    Examples: kawat rules lint · kawat rules lint deploy/rules · kawat rules lint --json | jq .message
    """
    from worker import console
    from worker.rulesync import checked

    services = options.services()
    where = folder or services.settings.rules_folder
    if not json and not where.is_dir():
        shipped = "`kawat up` makes it, of the rules that are shipped; or name a folder: kawat rules lint deploy/rules"
        console.print_failure(f"there is no folder {where}", to_do="name another" if folder else shipped)
        raise typer.Exit(1)
    reading = checked(services, folder)
    if json:
        for fault in reading.faults:
            console.print_json(fault.model_dump())
    else:
        _show_faults(reading.faults, where)
        print(_told(reading))
    if reading.errors:
        raise typer.Exit(1)


@app.command()
def apply(json: options.Json = False) -> None:
    """Puts the rules of the folder in force for all workers, whole or not at all; the control worker does so by itself
    soon after files change.

    Examples: kawat rules apply · kawat rules apply --json
    """
    import getpass

    from worker import console
    from worker.rulesync import apply as put_in_force

    services = options.services(patience=options.LONG)
    before = services.rules.current()
    reading, changed = put_in_force(services, by=getpass.getuser())
    if reading.errors:
        _show_faults(reading.errors, services.settings.rules_folder)
        console.print_failure("nothing was changed: the rules in force are those of before", to_do="kawat rules lint")
        raise typer.Exit(1)
    differences = _differences(before, reading.rules)
    if json:
        console.print_json({"rule_set": reading.rules.id, "changed_set": changed, **differences})
        return
    for what, ids in differences.items():
        for id_ in ids:
            print(f"{what:8} {id_}")
    already = "" if changed else " already"
    print(f"In force{already}: {console.counted(len(reading.rules.rules), 'rule')} (set {reading.rules.id}).")


@app.command("list")
def listed(json: options.Json = False) -> None:
    """The rules in force: whom they tell, how often they did, which are muted; and why files are not in force.

    Examples: kawat rules list · kawat rules list --json | jq .id
    """
    from search.rules.desk import alert_counts
    from search.rules.publishing import mutes
    from worker import console
    from worker.rulesinforce import faulty_files

    services = options.services()
    client, prefix = services.elasticsearch, services.settings.index_prefix
    rules, muted = services.rules.current(), mutes(client, prefix)
    counts = alert_counts(client, prefix, days=7)
    if json:
        until = {one.rule: one.until.isoformat() for one in muted if one.rule}
        for rule in rules.rules:
            told = {"alerts_7d": counts.get(rule.id, 0), "muted_until": until.get(rule.id)}
            console.print_json({**rule.model_dump(mode="json", exclude_defaults=True), **told})
    else:
        _show_rules(rules, muted, counts)
    faulty = faulty_files(services.ledger)
    if faulty:
        console.print_failure(
            f"the files in {faulty.folder} on {faulty.host} have faults; the set of before is in force:\n"
            + "\n".join(map(str, faulty.faults)),
            to_do="kawat rules lint",
        )
        raise typer.Exit(1)


@app.command()
def mute(
    rule: Annotated[str | None, typer.Argument(help="The rule's id.", metavar="[RULE]")] = None,
    story: Annotated[str | None, typer.Option("--story", help="A story's id, for all rules.")] = None,
    span: Annotated[str, typer.Option("--for", help="How long: 30m, 8h, 2d.")] = "8h",
    end: Annotated[bool, typer.Option("--end", help="Ends it now.")] = False,
) -> None:
    """Tells nobody of a rule's matches, or of a story, for a while. Alerts are made all the same, marked as muted.

    Examples: kawat rules mute kantor-penghubung --for 8h · kawat rules mute --story 3f2a91… --for 2d ·
    kawat rules mute kantor-penghubung --end
    """
    import getpass
    from datetime import timedelta

    from ingest.dates import now
    from ingest.spans import seconds
    from search.rules import publishing

    if (rule is None) == (story is None):
        raise typer.BadParameter("give a rule, or --story and its id", param_hint="RULE")
    try:
        length = 0.0 if end else seconds(span)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--for") from error
    services = options.services()
    if rule is not None:
        chosen(services.rules.current(), [rule])
    until = now() + timedelta(seconds=length)
    wanted = publishing.Mute(rule=rule, story_id=story, until=until, published_by=getpass.getuser())
    publishing.mute(services.elasticsearch, services.settings.index_prefix, wanted)
    what = rule or f"story {story}"
    print(f"{what} tells again." if end else f"{what} is muted until {options.moment(until, services.settings)}.")


def chosen(rules: RuleSet, ids: Iterable[str]) -> list[Rule]:
    """Those of these ids; all where none is given. Ends the command at one that is not there."""
    from search.rules.written import nearest
    from worker import console

    found = []
    for id_ in ids:
        rule = rules.rule(id_)
        if rule is None:
            near = nearest(id_, [one.id for one in rules.rules])
            advice = f"did you mean {near}?" if near else "kawat rules list shows those in force"
            console.print_failure(f"no rule is called {id_!r}", to_do=advice)
            raise typer.Exit(2)
        found.append(rule)
    return found or list(rules.rules)


def in_force(rule: str | None, services: Services) -> None:
    """Ends the command at a rule that there is not, built-in or by file; none given is any."""
    from worker.conditions import PREFIX

    if rule is not None and not rule.startswith(PREFIX):
        chosen(services.rules.current(), [rule])


def _show_faults(faults: Iterable[Fault], folder: Path) -> None:
    from rich.text import Text

    from worker import console

    for fault in faults:
        line = console.printable(str(fault.model_copy(update={"file": str(folder / fault.file)})))
        console.errors().print(Text(line, "red" if fault.severity == "error" else "yellow"), soft_wrap=True)


def _told(reading: Reading) -> str:
    from worker import console

    errors, warnings = len(reading.errors), len(reading.faults) - len(reading.errors)
    rules, concepts = len(reading.rules.rules), len(reading.rules.concepts)
    return (
        f"{console.counted(rules, 'rule')} and {console.counted(concepts, 'concept')} can be read: "
        f"{console.counted(errors, 'error')}, {console.counted(warnings, 'warning')}."
    )


def _differences(before: RuleSet, after: RuleSet) -> dict[str, list[str]]:
    old, new = _by_name(before), _by_name(after)
    return {
        "new": sorted(new.keys() - old.keys()),
        "changed": sorted(id_ for id_ in new.keys() & old.keys() if new[id_] != old[id_]),
        "gone": sorted(old.keys() - new.keys()),
    }


def _by_name(rules: RuleSet) -> dict[str, Rule | Concept]:
    return {one.id: one for one in rules.rules} | {f"concept:{one.id}": one for one in rules.concepts}


def _show_rules(rules: RuleSet, muted: Iterable[Mute], counts: Mapping[str, int]) -> None:
    from rich.table import Table
    from rich.text import Text

    from worker import console

    if not rules.rules:
        print("No rule is in force: kawat rules apply puts those of the folder in force.")
        return
    settings: Any = options.services().settings
    until = {one.rule: options.moment(one.until, settings) for one in muted if one.rule}
    table = Table(box=None, padding=(0, 3, 0, 0), header_style="dim")
    for column in COLUMNS:
        justify: Any = "right" if column.startswith("alerts") else "left"
        table.add_column(column, justify=justify, no_wrap=column == "rule", overflow="fold")
    for rule in rules.rules:
        state = "off" if not rule.enabled else f"muted until {until[rule.id]}" if rule.id in until else ""
        name = Text(console.printable(rule.id), "" if rule.enabled else "dim")
        tells = ", ".join(rule.notify) or "the page"
        table.add_row(name, rule.type, rule.priority, rule.owner, tells, f"{counts.get(rule.id, 0):,}", state)
    console.output().print(table)
