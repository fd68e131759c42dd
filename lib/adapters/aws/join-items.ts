/**
 * Sets of joins as items. A set of a hundred is written a hundred times, and each write is billed by the size that the item
 * has then: so that it stays within one KiB, a member of a map has no more than a number that says of which form its
 * reference is.
 *
 * | set `join/pack#0.3`, attribute | value |
 * |---|---|
 * | `t417` | `step/*packLine`: a form, with `*` for where the item lies |
 * | `m17` | `*417`: the member 317 has its output at `step/pack/317/packLine` |
 * | `m18` | any other reference as it is |
 */
import { keyAt } from "../../kernel/generation.ts";
import { SET_SIZE, type Seat } from "../../kernel/join.ts";
import type { JoinRecord, ValueRef } from "../../kernel/record.ts";
import type { Key } from "./keys.ts";

/** Digits alone after the letter: with letters some would be words that DynamoDB reserves. */
const MEMBER = /^m\d+$/;
const FORMS = 1000;

type Row = Key & Readonly<Record<string, unknown>>;

export interface MemberItem {
  readonly attribute: string;
  /** The reference itself. */
  readonly plain: ValueRef;
  /** In short, where its form is written with it; another form may have the same number, and then it cannot be. */
  readonly short?: { readonly value: string; readonly form: string; readonly formAttribute: string };
}

export function printMember({ key, member }: Pick<Seat, "key" | "member">, ref: ValueRef): MemberItem {
  const { path, first } = setOf(key);
  const attribute = `m${Number(member) - first}`;
  const item = `${path}/${member}/`;
  if (!ref.includes(item) || ref.includes("*")) return { attribute, plain: ref };
  const form = ref.replace(item, "*");
  const number = numberOf(form);
  return { attribute, plain: ref, short: { value: `*${number}`, form, formAttribute: `t${number}` } };
}

export function parseJoin(row: Row): JoinRecord {
  const { path, first } = setOf(row.sk);
  const members = Object.entries(row)
    .filter(([name]) => MEMBER.test(name))
    .map(([name, value]) => {
      const member = first + Number(name.slice(1));
      return [String(member), refOf(row, value as string, `${path}/${member}/`)]; // as `printMember` wrote it
    });
  return { kind: "join", members: Object.fromEntries(members) as Record<string, ValueRef> };
}

function refOf(row: Row, value: string, item: string): ValueRef {
  return value.startsWith("*") ? (row[`t${value.slice(1)}`] as string).replace("*", () => item) : value;
}

/** Whose members a set has, and from which on. */
function setOf(key: string): { readonly path: string; readonly first: number } {
  const [, path = "", group = "0"] = /^join\/(.*?)(?:#\d+\.(\d+))?$/.exec(keyAt(key)) ?? [];
  return { path, first: Number(group) * SET_SIZE };
}

/** Whatever it is, as long as the same form has the same one. */
function numberOf(form: string): number {
  let number = 7;
  for (const character of form) number = (number * 31 + (character.codePointAt(0) ?? 0)) % 1_000_003;
  return number % FORMS;
}
