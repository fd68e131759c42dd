import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { csvRecords } from "../../../lib/asl/reader/csv.ts";

async function* inParts(parts: Iterable<string>) {
  yield* parts;
}

async function records(text: Iterable<string>, delimiter = ",", mostBytes = 1000) {
  const found: (readonly string[])[] = [];
  for await (const { fields } of csvRecords(inParts(text), { delimiter, mostBytes })) found.push(fields);
  return found;
}

describe("a record of delimited text", () => {
  it.each<[what: string, text: string, found: readonly (readonly string[])[]]>([
    ["fields as they are, spaces included", "a, b ,c", [["a", " b ", "c"]]],
    [
      "empty fields",
      ",\n,,",
      [
        ["", ""],
        ["", "", ""],
      ],
    ],
    ["lines that end either way, and none that is blank", "a\n\nb\r\n\r\nc\rd", [["a"], ["b"], ["c"], ["d"]]],
    ["a quoted field with what else would end it", '"a,b","c\nd"\ne', [["a,b", "c\nd"], ["e"]]],
    ["a quoted field of nothing, which is no blank line", 'a\n""\nb', [["a"], [""], ["b"]]],
    ["a quotation mark that another one preserves", '"say ""yes""",{""k"":""v""}', [['say "yes"', '{"k":"v"}']]],
    ["a quotation mark within a field that is not quoted", 'a"b,c', [['a"b', "c"]]],
    ["a lone quotation mark at the end of a field that is not quoted", 'a"', [['a"']]],
    ["what a backslash preserves", 'C:\\\\x,\\"a\\",b\\,c', [["C:\\x", '"a"', "b,c"]]],
    ["a backslash before anything else, which is removed", "\\a\\n", [["an"]]],
    ["a backslash in a quoted field", '"a\\"b\\\\"', [['a"b\\']]],
    ["a backslash at the end of a line", "a\\\nb", [["a"], ["b"]]],
    ["characters of two units", "\u{1f600},b\\\u{1f600}", [["\u{1f600}", "b\u{1f600}"]]],
  ])("has %s", async (_, text, found) => {
    expect(await records([text])).toEqual(found);
    expect(await records(text)).toEqual(found);
  });

  it("is told apart by the delimiter that is given", async () => {
    expect(await records(["a,b|c"], "|")).toEqual([["a,b", "c"]]);
    expect(await records(["a\tb\\\tc"], "\t")).toEqual([["a", "b\tc"]]);
  });

  it("comes back as it was quoted, however it arrives", async () => {
    const field = fc.string({ unit: fc.constantFrom("a", ",", '"', "\\", "\n", "\r", "é", "\u{1f600}"), maxLength: 6 });
    const table = fc.array(fc.array(field, { minLength: 1, maxLength: 3 }), { maxLength: 4 });
    const quoted = (text: string) => `"${text.replaceAll("\\", "\\\\").replaceAll('"', '""')}"`;
    await fc.assert(
      fc.asyncProperty(table, fc.constantFrom("\n", "\r\n"), fc.nat(20), async (rows, newline, at) => {
        const text = rows.map((row) => row.map(quoted).join(",") + newline).join("");
        expect(await records([text.slice(0, at), text.slice(at)])).toEqual(rows);
      }),
    );
  });

  it("is refused with its line when its quotation mark is not closed, or when it does not end", async () => {
    const open = { code: "States.ItemReaderFailed", message: expect.stringMatching(/record on line 4 is not closed/) };
    await expect(records(['a\n"b\nc"\nd,"e\nf\n'])).rejects.toMatchObject(open);
    const large = {
      code: "States.ItemReaderFailed",
      message: expect.stringMatching(/record on line 2 has more than 9/),
    };
    await expect(records(["a\n", "b".repeat(10)], ",", 9)).rejects.toMatchObject(large);
  });
});
