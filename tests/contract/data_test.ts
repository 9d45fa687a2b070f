import { deepEqual, equal, match } from "node:assert/strict";
import fc from "fast-check";
import {
  concernsData,
  locationProblem,
  maxDeployments,
  normalStoreUrl,
  podDataOf,
} from "../../lib/contract/data.ts";
import { anyText } from "./any_text.ts";

Deno.test("a data deployment is read from its annotation, with the defaults for the rest", () => {
  const data = podDataOf({ "data.autocrane.io/models": "ml-models" });
  deepEqual(data.deployments, [{ name: "models", source: "ml-models" }]);
  equal(data.url, "http://datarepo");
  equal(data.location, "/data");
  deepEqual(data.problems, []);
});

Deno.test("the older spelling deploys each source under its own name, or under the one before the colon", () => {
  const { deployments, problems } = podDataOf({ "store.autocrane.io/data": "b, models:ml ,a" });
  deepEqual(deployments, [
    { name: "a", source: "a" },
    { name: "b", source: "b" },
    { name: "models", source: "ml" },
  ]);
  deepEqual(problems, []);
});

Deno.test("two spellings of one deployment are one, and a contradiction is told", () => {
  const same = podDataOf({ "store.autocrane.io/data": "a", "data.autocrane.io/a": "a" });
  deepEqual([same.deployments.length, same.problems.length], [1, 0]);
  const other = podDataOf({ "store.autocrane.io/data": "a", "data.autocrane.io/a": "b" });
  deepEqual(other.deployments, [{ name: "a", source: "a" }]);
  match(other.problems.join(), /"a" already/);
});

Deno.test("a source's spec on a pod that is no repository is told as misplaced, and deploys nothing", () => {
  const { deployments, problems } = podDataOf({ "data.autocrane.io/a": "git:https://u:secret@host/r.git" });
  deepEqual(deployments, []);
  match(problems.join(), /only the repository's pod/);
  equal(problems.join().includes("secret"), false);
});

Deno.test("a location that is no folder of the pod's own is refused, and no deployment has a place", () => {
  const bad = ["data", "/", "/.", "//", "/a/../b", "/etc", "/usr/share/x", "/proc/1", "/a\0b"];
  for (const location of bad) {
    const data = podDataOf({ "store.autocrane.io/location": location, "data.autocrane.io/a": "a" });
    equal(data.location, "", location);
    match(data.problems.join(), /store\.autocrane\.io\/location .* expected an absolute folder/, location);
  }
  for (const location of ["/data", "/srv/x/", "/home/app/..data"]) {
    equal(locationProblem(location), undefined, location);
  }
  equal(podDataOf({ "store.autocrane.io/location": "/srv/x//" }).location, "/srv/x");
});

Deno.test("a repository's URL has one spelling, and one with a password is refused without showing it", () => {
  equal(normalStoreUrl("HTTP://DataRepo:80/"), "http://datarepo");
  equal(normalStoreUrl("https://host/a/b//"), "https://host/a/b");
  for (const bad of ["datarepo", "ftp://x", "http://u:p@host", "http://host?x=1", "http://host#x", ""]) {
    equal(normalStoreUrl(bad), undefined, bad);
  }
  const { problems, url } = podDataOf({ "store.autocrane.io/url": "http://u:hunter2@host" });
  equal(url, "");
  equal(problems.length, 1);
  equal(problems.join().includes("hunter2"), false);
});

Deno.test("of a pod with more deployments, dependencies or problems than anybody has the first count, and it is said", () => {
  const many = Array.from({ length: 10_000 }, (_, n) => `s${String(n).padStart(5, "0")}`);
  const { deployments, deps, problems } = podDataOf({
    "store.autocrane.io/data": many.join(),
    "store.autocrane.io/deps": many.join(),
  });
  deepEqual([deployments.length, deps.length], [maxDeployments, maxDeployments]);
  equal(deployments.at(-1)!.name, "s00063");
  match(
    problems.join("; "),
    /it deploys 10000 sources of data: all but 64 were ignored; it depends on 10000 sources/,
  );
  const bad = podDataOf({ "store.autocrane.io/data": many.map((one) => `x:${one}`).join() });
  equal(bad.problems.length, 11);
  equal(bad.problems.at(-1), "and 9989 more problems");
});

Deno.test("whom to tell is the pod's own address alone", () => {
  const { notify, problems } = podDataOf({
    "notify.data.autocrane.io/a": "POD_IP:8080/reload",
    "notify.data.autocrane.io/b": "elsewhere:8080/reload",
  });
  deepEqual([...notify], [["a", { scheme: "http", port: 8080, path: "/reload" }]]);
  match(problems.join(), /notify\.data\.autocrane\.io\/b/);
});

Deno.test("reading any annotations ends in a value, and names that are no names deploy nothing", () => {
  const keys = fc.constantFrom(
    "data.autocrane.io/a",
    "data.autocrane.io/../b",
    "store.autocrane.io/data",
    "store.autocrane.io/deps",
    "store.autocrane.io/url",
    "store.autocrane.io/location",
    "notify.data.autocrane.io/a",
  );
  fc.assert(fc.property(fc.dictionary(keys, anyText()), (annotations) => {
    const data = podDataOf(annotations);
    for (const { name, source } of data.deployments) {
      match(name, /^[A-Za-z0-9][-A-Za-z0-9_.]{0,62}$/);
      match(source, /^[A-Za-z0-9][-A-Za-z0-9_.]{0,62}$/);
    }
    for (const problem of data.problems) equal(/\p{Cc}/u.test(problem), false);
    if (data.deployments.length > 0) equal(concernsData(annotations), true);
  }));
});
