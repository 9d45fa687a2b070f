import { deepEqual, rejects } from "node:assert/strict";
import type { Namespace } from "../../k8s/core_v1.ts";
import { KubeError } from "../../lib/kube/errors.ts";
import { MissingNamespaces } from "../../lib/kube/missing_namespaces.ts";
import { silentLog } from "../support/silent_log.ts";

/** What is watched in these tests, and what is said of it. */
function bench() {
  const lines: string[] = [];
  const say = (message: string, fields?: { readonly namespaces?: unknown }) =>
    void lines.push(`${message}: ${fields?.namespaces}`);
  const log = { ...silentLog, warn: say, info: say };
  return { lines, missing: new MissingNamespaces({ namespaces: ["*", "shop", "shpo"], log }) };
}

/** What is said of namespaces whose reads are answered with these codes, look by look. */
async function said(...looks: Record<string, number>[]): Promise<string[]> {
  const { lines, missing } = bench();
  for (const answers of looks) {
    const getNamespace = (name: string): Promise<Namespace> =>
      answers[name] === 200
        ? Promise.resolve({ metadata: { name } })
        : Promise.reject(new KubeError({ method: "GET", path: name }, answers[name]!, {}));
    await missing.ask({ getNamespace }, new AbortController().signal);
  }
  return lines;
}

Deno.test("namespaces that exist are not mentioned, and all of them together are not looked for", async () => {
  deepEqual(await said({ shop: 200, shpo: 200 }), []);
});

Deno.test("a namespace that does not exist is said once, and once again when it does", async () => {
  const [missing, there] = [{ shop: 200, shpo: 404 }, { shop: 200, shpo: 200 }];
  deepEqual(await said(missing, missing, there, there, missing), [
    "a watched namespace does not exist: shpo",
    "a watched namespace exists now: shpo",
    "a watched namespace does not exist: shpo",
  ]);
});

Deno.test("where it may not be looked nothing is said", async () => {
  deepEqual(await said({ shop: 200, shpo: 403 }), []);
});

Deno.test("a look that fails otherwise is the loop's to report", async () => {
  await rejects(said({ shop: 500, shpo: 200 }), { status: 500 });
});

Deno.test("who follows namespaces says it in the same words, and nothing of what it does not know", () => {
  const { lines, missing } = bench();
  const known: Record<string, boolean | undefined> = { shop: true };
  for (const shpo of [undefined, false, undefined, false, true]) {
    known.shpo = shpo;
    missing.report((name) => known[name]);
  }
  deepEqual(lines, [
    "a watched namespace does not exist: shpo",
    "a watched namespace exists now: shpo",
  ]);
});
