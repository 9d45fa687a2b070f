import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import {
  asCsv,
  asJson,
  contractLines,
  readingsOf,
  rendered,
  type Row,
  rowsAt,
  Table,
} from "../../lib/watchdog/report.ts";
import { anyText } from "../contract/any_text.ts";

const now = Date.parse("2026-01-31T12:35:00Z");

/** The rows of a pod with these `status.autocrane.io/NAME` and `expires.status.autocrane.io/NAME`. */
function rows(statuses: Record<string, string>, expiries: Record<string, string> = {}): Row[] {
  const under = (prefix: string, values: Record<string, string>) =>
    Object.entries(values).map(([name, value]) => [`${prefix}autocrane.io/${name}`, value]);
  const annotations = Object.fromEntries([
    ...under("status.", statuses),
    ...under("expires.status.", expiries),
  ]);
  return rowsAt(readingsOf({ metadata: { namespace: "shop", name: "web-7c9", annotations } }), now);
}

const disk = "error/2026-01-31T12:34:56/97 % of /data";

Deno.test("a row is a status, in the order of the watchdogs' names", () => {
  deepEqual(rows({ disk, app: "Info/2026-01-31T12:00:00Z/fine" }), [
    {
      namespace: "shop",
      pod: "web-7c9",
      watchdog: "app",
      level: "info",
      time: "2026-01-31T12:00:00",
      message: "fine",
      expired: false,
      note: "",
    },
    {
      namespace: "shop",
      pod: "web-7c9",
      watchdog: "disk",
      level: "error",
      time: "2026-01-31T12:34:56",
      message: "97 % of /data",
      expired: false,
      note: "",
    },
  ]);
});

Deno.test("a status that cannot be read is unknown, and said so", () => {
  const [row] = rows({ disk: "fine, thanks" });
  deepEqual([row?.level, row?.time, row?.message], ["unknown", "", "this status cannot be read"]);
});

Deno.test("a status is expired from the moment that its expiry names", () => {
  const expired = (at: string) => rows({ disk }, { disk: at })[0]?.expired;
  equal(expired("2026-01-31T12:35:01"), false);
  equal(expired("2026-01-31T12:35:00"), true);
});

Deno.test("an expiry that cannot be read is told, as the status then never expires", () => {
  const [row] = rows({ disk }, { disk: "next\u001b week" });
  deepEqual([row?.expired, row?.note], [false, 'expiry "next week" cannot be read']);
  equal(rows({ disk }, { disk: "" })[0]?.note, 'expiry "" cannot be read');
});

Deno.test("plain lines are name,level,timestamp/message and mark nothing", () => {
  equal(
    contractLines(rows({ disk, app: "?", old: disk }, { disk: "?", old: "2026-01-31T12:34:58" })),
    "app,unknown,/this status cannot be read\n" +
      "disk,error,2026-01-31T12:34:56/97 % of /data\n" +
      "old,error,2026-01-31T12:34:56/97 % of /data\n",
  );
});

Deno.test("JSON is the rows, an empty list where there are none", () => {
  const found = rows({ disk }, { disk: "2026-01-31T12:34:58" });
  deepEqual(JSON.parse(asJson(found)), found);
  equal(asJson([]), "[]\n");
});

Deno.test("CSV has a header and quotes what would break a line or a field", () => {
  equal(
    asCsv(rows({ disk: 'error/2026-01-31T12:34:56/a "b", c' }, { disk: "?" })),
    "namespace,pod,watchdog,level,time,message,expired,note\n" +
      'shop,web-7c9,disk,error,2026-01-31T12:34:56,"a ""b"", c",false,"expiry ""?"" cannot be read"\n',
  );
});

Deno.test("what a spreadsheet would take for a formula is text to it", () => {
  const csv = (message: string) =>
    asCsv(rows({ disk: `info/2026-01-31T12:34:56/${message}` })).split("\n")[1];
  for (const begin of ["=", "+", "-", "@", "＝", "＋", "－", "＠"]) {
    equal(
      csv(`${begin}HYPERLINK("x")`),
      `shop,web-7c9,disk,info,2026-01-31T12:34:56,"'${begin}HYPERLINK(""x"")",false,`,
    );
  }
  equal(csv("a=b-c"), "shop,web-7c9,disk,info,2026-01-31T12:34:56,a=b-c,false,");
});

Deno.test("rows are rendered in the form that was asked for", () => {
  const found = rows({ disk });
  equal(rendered(found, "json", now), asJson(found));
  equal(rendered(found, "csv", now), asCsv(found));
  equal(rendered(found, "table", now), new Table().lines(found, now));
});

Deno.test("a table may have as many rows as a large cluster has watchdogs", () => {
  const [row] = rows({ disk });
  const many = Array.from({ length: 150_000 }, () => row!);
  equal(new Table().lines(many, now).split("\n").length, 150_002);
});

Deno.test("a table is aligned, and says what is expired or cannot be read", () => {
  const found = rows(
    { disk, app: "info/2026-01-31T10:00:00/fine", net: "warning/2026-01-31T12:30:00/slow" },
    { app: "2026-01-31T11:00:00", net: "soon" },
  );
  equal(
    new Table().lines(found, now),
    "POD       WATCHDOG   LEVEL     AGE   MESSAGE\n" +
      "web-7c9   app        info      2h    (expired) fine\n" +
      "web-7c9   disk       error     4s    97 % of /data\n" +
      'web-7c9   net        warning   5m    (expiry "soon" cannot be read) slow\n',
  );
});

Deno.test("ages are in the unit that kubectl would choose, and never negative", () => {
  const age = (time: string) =>
    new Table().lines(rows({ disk: `info/${time}/x` }), now).split("\n")[1]?.split(/ +/)[3];
  equal(age("2026-01-31T12:34:00"), "60s");
  equal(age("2026-01-31T12:30:00"), "5m");
  equal(age("2026-01-31T09:00:00"), "3h");
  equal(age("2026-01-01T09:00:00"), "30d");
  equal(age("2026-02-01T09:00:00"), "0s");
});

Deno.test("later lines keep the header's columns, and widen them only where they must", () => {
  const table = new Table();
  const [row] = rows({ disk });
  const starts = (text: string, ...words: string[]) => words.map((word) => text.indexOf(word));
  const [header = ""] = table.lines([{ ...row!, pod: "a-long-name-of-a-pod" }], now).split("\n");
  const columns = starts(header, "WATCHDOG", "LEVEL", "AGE", "MESSAGE");
  const later = table.lines([row!], now);
  equal(later.split("\n").length, 2);
  deepEqual(starts(later, "disk", "error", "4s", "97"), columns);
  const wide = table.lines([{ ...row!, pod: "an-even-longer-name-of-a-pod" }], now);
  deepEqual(starts(wide, "disk", "error", "4s", "97"), columns.map((column) => column + 8));
  deepEqual(starts(table.lines([row!], now), "disk")[0], columns[0]! + 8);
});

Deno.test("no rows are no lines, and the header waits for the first ones", () => {
  const table = new Table();
  equal(table.lines([], now), "");
  equal(table.lines(rows({ disk }), now).startsWith("POD "), true);
});

Deno.test("whatever annotations hold, each status is one line in every form", () => {
  fc.assert(fc.property(anyText(), anyText(20), (message, expiry) => {
    const found = rows({ disk: `error/2026-01-31T12:34:56/${message}` }, { disk: expiry });
    equal(contractLines(found).split("\n").length, 2);
    equal(new Table().lines(found, now).split("\n").length, 3);
    equal(asCsv(found).split("\n").length, 3);
    deepEqual(JSON.parse(asJson(found)), found);
  }));
});
