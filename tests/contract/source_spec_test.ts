import { deepEqual, equal, match } from "node:assert/strict";
import fc from "fast-check";
import { describeSource, parseSourceSpec } from "../../lib/contract/source_spec.ts";
import { anyText } from "./any_text.ts";

const git = (url: string, ref?: string, path = "") => ({ kind: "git", url, ref, path });

Deno.test("a source's spec is read in every spelling", () => {
  const cases: readonly [string, unknown][] = [
    ["git:https://host/repo.git", git("https://host/repo.git")],
    ["git@https://host/repo.git#main", git("https://host/repo.git", "main")],
    ["git:https://host/repo.git#v1.2:conf/eu", git("https://host/repo.git", "v1.2", "conf/eu")],
    ["git:https://host/repo.git#:conf/", git("https://host/repo.git", undefined, "conf")],
    ["git:ssh://git@host/repo", git("ssh://git@host/repo")],
    ["git:/srv/repo.git#feature/x", git("/srv/repo.git", "feature/x")],
    [" dir:/srv/files ", { kind: "dir", path: "/srv/files" }],
  ];
  for (const [text, spec] of cases) deepEqual(parseSourceSpec(text), spec, text);
});

Deno.test("what is no source is refused with what to write", () => {
  const cases: readonly [string, RegExp][] = [
    ["", /expected "git:/],
    ["https://host/repo.git", /expected "git:/],
    ["git:ftp://host/x", /another kind/],
    ["git:file:///etc", /absolute path itself/],
    ["git:ext::sh -c id", /white space/],
    ["git:--upload-pack=id", /no valid URL/],
    ["git:ssh://-oProxyCommand=id/x", /no valid/],
    ["git:https://host/x#--orphan", /no branch/],
    ["git:https://host/x#a..b", /no branch/],
    ["git:https://host/x#main:../up", /leaves the repository/],
    ["dir:relative", /no absolute folder/],
    ["dir:/a/../b", /no absolute folder/],
    ["azkv:x", /mount a Secret/],
    ["adogit@x", /write git:https/],
    ["git@host:path", /write git:ssh/],
  ];
  for (const [text, words] of cases) {
    const spec = parseSourceSpec(text);
    match("problem" in spec ? spec.problem : "", words, text);
  }
});

Deno.test("credentials in a URL are refused and never shown", () => {
  for (const url of ["https://user:hunter2@host/x", "https://hunter2@host/x", "ssh://git:hunter2@host/x"]) {
    const spec = parseSourceSpec(`git:${url}`);
    match("problem" in spec ? spec.problem : "", /DataRepo__GitCredentialsFile/);
    equal(JSON.stringify(spec).includes("hunter2"), false);
  }
});

Deno.test("a source is shown without a query, where secrets could be", () => {
  const spec = parseSourceSpec("git:https://host/x?token=hunter2#main:a");
  equal("problem" in spec ? "" : describeSource(spec), "git:https://host/x#main:a");
});

Deno.test("reading anything as a source ends in a value or a clean problem", () => {
  const prefixed = fc.tuple(fc.constantFrom("", "git:", "git@", "dir:", "git:https://"), anyText());
  fc.assert(fc.property(prefixed, ([prefix, text]) => {
    const spec = parseSourceSpec(prefix + text);
    if ("problem" in spec) equal(/\p{Cc}/u.test(spec.problem), false);
    else equal(/\p{Cc}/u.test(describeSource(spec)), false);
  }));
});
