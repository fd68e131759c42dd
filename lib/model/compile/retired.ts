/** What older graphs need of the newer code: see `RetiredOptions`. None of it is in the graph, or a part of its hash. */
import type { Heading } from "../draft.ts";
import { eventKey } from "../graph.ts";
import type { Retired, Slot } from "../program.ts";
import { Contracts } from "./contracts.ts";
import type { States } from "./states.ts";

export function compileRetired(states: States, retired: NonNullable<Heading["retired"]>): Retired {
  const { problems, contracts: current } = states;
  const apart = new Contracts(problems);
  const of = { nodes: retired.nodes ?? {}, slots: retired.slots ?? {} };
  const specs = Object.entries(of.nodes).map(([name, node]) => {
    const where = `retired.nodes.${name}`;
    if (Object.hasOwn(current.nodes, name))
      problems.add(where, `a state of this workflow visits '${name}': it is not retired`);
    problems.name(where, "the node name", name);
    return [name, { ...apart.node(where, node), name }] as const;
  });
  for (const event of retired.events ?? []) apart.event(event, `retired.events ${eventKey(event)}`);
  for (const signal of retired.signals ?? []) apart.signal("retired.signals", signal);
  for (const contract of retired.calls ?? []) apart.call("retired.calls", contract);
  const slots: Record<string, Slot> = {};
  const aliases: Record<string, string> = {};
  for (const [name, slot] of Object.entries(of.slots)) {
    const fn = typeof slot === "string" ? states.slots[slot] : slot;
    if (typeof slot === "string") aliases[name] = slot;
    if (typeof fn === "function") slots[name] = fn;
    else
      problems.add(`retired.slots.${name}`, `a function is wanted here, or the name of one of this workflow's slots`);
  }
  return {
    nodes: of.nodes,
    specs: Object.fromEntries(specs),
    slots,
    aliases,
    events: apart.events,
    signals: apart.signals,
    calls: apart.calls,
    callSpecs: apart.callSpecs,
  };
}
