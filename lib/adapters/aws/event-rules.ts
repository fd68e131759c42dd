/** Who listens on a platform's bus, as its rules say: also of a workflow that has never had a message. */
import {
  type EventBridgeClient,
  ListRulesCommand,
  ListTargetsByRuleCommand,
  type Rule,
} from "@aws-sdk/client-eventbridge";
import { busName } from "../../contract/names.ts";
import { NAME } from "../../model/name.ts";
import { storageFailed } from "./storage-failed.ts";

export interface EventKind {
  readonly source: string;
  readonly type: string;
}

export interface Listeners {
  /** Workflows, by name. */
  readonly workflows: readonly string[];
  /** All that any workflow listens to. */
  readonly kinds: readonly EventKind[];
}

/** Rules change with a deploy, and asking for them costs as much as sending. */
const FRESH_MS = 60_000;

/** What was found is believed for a minute; that nobody listens is not. */
export class EventRules {
  readonly #client: EventBridgeClient;
  readonly #platform: string;
  readonly #found = new Map<string, { readonly listeners: Listeners; readonly untilMs: number }>();

  constructor(client: EventBridgeClient, platform: string) {
    this.#client = client;
    this.#platform = platform;
  }

  /** @throws PawlError `storage_failed` */
  async listeners({ source, type }: EventKind): Promise<Listeners> {
    const key = `${source} ${type}`;
    const found = this.#found.get(key);
    if (found && performance.now() < found.untilMs) return found.listeners;
    const listeners = await this.#ask({ source, type });
    if (listeners.workflows.length > 0) this.#found.set(key, { listeners, untilMs: performance.now() + FRESH_MS });
    return listeners;
  }

  async #ask({ source, type }: EventKind): Promise<Listeners> {
    const bus = busName(this.#platform);
    try {
      const rules = (await rulesOf(this.#client, bus)).map((rule) => ({ rule, kinds: kindsOf(rule) }));
      const wanted = rules.filter(({ kinds }) => kinds.some((of) => of.source === source && of.type === type));
      const found = await Promise.all(wanted.map(({ rule }) => workflowsBehind(this.#client, this.#platform, rule)));
      return { workflows: [...new Set(found.flat())].sort(), kinds: rules.flatMap(({ kinds }) => kinds) };
    } catch (error) {
      throw storageFailed(`the bus ${bus}`, error);
    }
  }
}

async function rulesOf(client: EventBridgeClient, EventBusName: string): Promise<readonly Rule[]> {
  const found: Rule[] = [];
  let NextToken: string | undefined;
  do {
    const page = await client.send(new ListRulesCommand({ EventBusName, NextToken }));
    found.push(...(page.Rules ?? []));
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return found.filter(({ State }) => State !== "DISABLED");
}

/** A trigger's rule has the source and the type as they are; other rules that somebody adds are none of ours. */
function kindsOf({ EventPattern }: Rule): readonly EventKind[] {
  if (EventPattern === undefined) return [];
  const pattern = JSON.parse(EventPattern) as Readonly<Record<string, unknown>>;
  const texts = (value: unknown) => (Array.isArray(value) ? value.filter((one) => typeof one === "string") : []);
  return texts(pattern.source).flatMap((source) => texts(pattern["detail-type"]).map((type) => ({ source, type })));
}

/** Its targets are control queues, which are named after the platform and the workflow. */
async function workflowsBehind(client: EventBridgeClient, platform: string, rule: Rule): Promise<readonly string[]> {
  const { Targets = [] } = await client.send(
    new ListTargetsByRuleCommand({ Rule: rule.Name, EventBusName: busName(platform) }),
  );
  const queues = Targets.flatMap(({ Arn = "" }) =>
    Arn.includes(":sqs:") ? [Arn.slice(Arn.lastIndexOf(":") + 1)] : [],
  );
  const before = `${platform}-`;
  return queues
    .filter((queue) => queue.startsWith(before))
    .map((queue) => queue.slice(before.length))
    .filter((name) => NAME.test(name));
}
