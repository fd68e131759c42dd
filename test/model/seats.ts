/** A join's members form a tree of small sets: a set that is full arrives at the one above. */
import { joinKey, type Key } from "./keys.ts";

const SET_SIZE = 3;

export interface Seat {
  readonly key: Key;
  readonly member: number;
  readonly of: number;
}

/** The sets that a member arrives at, the next one only once the one before is full. */
export function seatsOf(path: string, member: number, of: number): readonly Seat[] {
  const seats: Seat[] = [];
  let index = member;
  let count = of;
  for (let level = 0; count > SET_SIZE; level++) {
    const group = Math.floor(index / SET_SIZE);
    const size = Math.min(SET_SIZE, count - group * SET_SIZE);
    seats.push({ key: `${joinKey(path)}#${level}.${group}`, member: index, of: size });
    index = group;
    count = Math.ceil(count / SET_SIZE);
  }
  return [...seats, { key: joinKey(path), member: index, of: count }];
}

export function leavesOf(path: string, of: number): readonly Key[] {
  return [...new Set(Array.from({ length: of }, (_, member) => seatsOf(path, member, of)[0]?.key ?? joinKey(path)))];
}
