import { deepEqual, equal, match } from "node:assert/strict";
import fc from "fast-check";
import { formatDataRequest } from "../../../lib/contract/data_version.ts";
import { parseContentId, parseDigest } from "../../../lib/contract/ids.ts";
import { key, prefix } from "../../../lib/contract/keys.ts";
import { wantedOf } from "../../../lib/data/deploy/wanted.ts";
import { anyText } from "../../contract/any_text.ts";

const version = {
  path: "65a0f1c0-0123456789ab.tar",
  hash: "A".repeat(64),
  time: 1_705_046_464,
  digest: parseDigest(`sha256:${"1".repeat(64)}`)!,
  version: parseContentId(`sha256:${"2".repeat(64)}`)!,
};
const request = formatDataRequest(version);

Deno.test("a data deployment is asked for by its request, and told by its notify", () => {
  const { location, data, problems } = wantedOf({
    [key.storeUrl]: "http://repo/",
    [key.storeLocation]: "/data/",
    [`${prefix.data}web`]: "site",
    [`${prefix.dataRequest}web`]: request,
    [`${prefix.dataNotify}web`]: "POD_IP:8080/reload",
    [key.storeData]: "api,other:site",
  });
  deepEqual([location, problems], ["/data", []]);
  deepEqual(data.map(({ name, source, url }) => [name, source, url]), [
    ["api", "api", "http://repo"],
    ["other", "site", "http://repo"],
    ["web", "site", "http://repo"],
  ]);
  deepEqual(data[2]!.request, version);
  deepEqual(data[2]!.notify, { scheme: "http", port: 8080, path: "/reload" });
  deepEqual([data[0]!.request, data[0]!.problem], [undefined, undefined]);
});

Deno.test("the folder as the container sees it wins over the annotation, even one that cannot be", () => {
  equal(wantedOf({ [key.storeLocation]: "/data" }, "/mnt").location, "/mnt");
  const { location, data } = wantedOf({ [key.storeLocation]: "../x", [`${prefix.data}web`]: "web" }, "/mnt");
  deepEqual([location, data[0]!.problem], ["/mnt", undefined]);
});

const bad: [string, string, RegExp][] = [
  ["no base64", "%%%", /not base64/],
  ["no JSON", btoa("x"), /not JSON/],
  [
    "no Digest",
    btoa(JSON.stringify({ Path: version.path, Hash: version.hash, UnixTimestampSeconds: 1 })),
    /no valid Digest/,
  ],
  ["a Path that leaves", btoa(JSON.stringify({ Path: "../../x" })), /no valid Path/],
];
for (const [what, value, words] of bad) {
  Deno.test(`a request with ${what} is a problem in words`, () => {
    const { data } = wantedOf({ [`${prefix.data}web`]: "web", [`${prefix.dataRequest}web`]: value });
    equal(data[0]!.request, undefined);
    match(data[0]!.problem!, words);
  });
}

Deno.test("a folder or repository that cannot be is a problem of every data deployment", () => {
  for (const [annotation, value] of [[key.storeUrl, "ftp://x"], [key.storeLocation, "/etc"]] as const) {
    const { data } = wantedOf({ [annotation]: value, [`${prefix.data}web`]: "web" });
    equal(data[0]!.problem!.startsWith(`${annotation} `), true);
  }
});

Deno.test("a notify that cannot be read is a problem of its data deployment, in words", () => {
  const annotation = `${prefix.dataNotify}web`;
  const { data: [web] } = wantedOf({ [`${prefix.data}web`]: "web", [annotation]: "elsewhere:80/" });
  equal(web!.notify, undefined);
  equal(web!.notifyProblem!.startsWith(`The application cannot be told: ${annotation}: `), true);
});

Deno.test("requests for what the pod does not deploy are told", () => {
  match(
    wantedOf({ [`${prefix.dataRequest}web`]: request }).problems.join(),
    /web asks for data that this pod does not deploy/,
  );
});

Deno.test("any annotations are read, and no name could leave the folder", () => {
  const someKey = fc.constantFrom(...Object.values(key), ...Object.values(prefix).map((one) => `${one}web`));
  const anyKey = fc.oneof(
    someKey,
    fc.tuple(fc.constantFrom(...Object.values(prefix)), anyText()).map((two) => two.join("")),
  );
  fc.assert(
    fc.property(
      fc.dictionary(anyKey, fc.oneof(anyText(), fc.constant(request)), { noNullPrototype: true }),
      (one) => {
        for (const { name, source } of wantedOf(one).data) {
          match(name, /^[A-Za-z0-9]([-_.A-Za-z0-9]{0,61}[A-Za-z0-9])?$/);
          match(source, /^[A-Za-z0-9]([-_.A-Za-z0-9]{0,61}[A-Za-z0-9])?$/);
        }
      },
    ),
    { numRuns: 300 },
  );
});
