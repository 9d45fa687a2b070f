/**
 * Choosing objects by labels and by fields.
 *
 * @module
 */
import { deepEqual } from "node:assert/strict";
import { node } from "../cluster/support/kubelet.ts";
import { refused } from "./api.ts";
import { boundPod, map, pod, running, startPod } from "./objects.ts";
import type { Conformance, Room, Subject } from "./subject.ts";

/** Declares the tests. */
export function selectors(test: Conformance): void {
  labels(test);
  fields(test);
  combinations(test);
  refusals(test);
}

/** ConfigMaps of several labels; the label `made` tells them from those that come with the namespace. */
async function labelled(subject: Subject): Promise<Room> {
  const room = await subject.room();
  const all: Record<string, Record<string, string>> = {
    web: { app: "web", tier: "front" },
    api: { app: "api", tier: "back" },
    bare: {},
    empty: { app: "", "example.com/special": "yes" },
  };
  for (const [name, given] of Object.entries(all)) {
    await room.maps.create(map(name, undefined, { labels: { ...given, made: "here" } }));
  }
  return room;
}

function labels(test: Conformance): void {
  const chosen: [string, string][] = [
    ["app", "api,empty,web"],
    ["!app", "bare"],
    ["app=web", "web"],
    ["app==web", "web"],
    ["app!=web", "api,bare,empty"],
    ["app=", "empty"],
    ["app in (web,api)", "api,web"],
    ["app in ( web , api )", "api,web"],
    ["app in (web, )", "empty,web"],
    ["app notin (web,api)", "bare,empty"],
    ["app,tier=back", "api"],
    ["app in (web,api),tier notin (back),made=here", "web"],
    [" app = web , tier ", "web"],
    ["example.com/special=yes", "empty"],
    ["tier=none", ""],
  ];
  test("labels are selected by equality, by sets and by being there", async (subject) => {
    const { maps } = await labelled(subject);
    for (const [selector, names] of chosen) {
      const labelSelector = `made,${selector}`;
      deepEqual([selector, (await maps.names({ labelSelector })).join()], [selector, names]);
    }
  });

  test("an empty selector chooses all", async (subject) => {
    const { maps } = await labelled(subject);
    deepEqual(await maps.names({ labelSelector: "", fieldSelector: "" }), await maps.names());
  });
}

function fields(test: Conformance): void {
  const chosen: [string, string][] = [
    ["metadata.name=bound", "bound"],
    ["metadata.name!=bound", "done,unbound"],
    ["metadata.name==bound", "bound"],
    [`spec.nodeName=${node}`, "bound,done"],
    ["spec.nodeName=", "unbound"],
    ["spec.nodeName!=", "bound,done"],
    ["status.phase=Running", "bound"],
    ["status.phase!=Running", "done,unbound"],
    ["status.phase!=Succeeded,status.phase!=Failed", "bound,unbound"],
    ["status.podIP=127.9.9.9", "bound"],
    ["spec.restartPolicy=Never", "done"],
    ["spec.schedulerName=nobody", "bound,done,unbound"],
    ["spec.hostNetwork=false", "bound,done,unbound"],
    ["status.nominatedNodeName=", "bound,done,unbound"],
    [`spec.nodeName=${node},status.phase=Succeeded`, "done"],
  ];
  test("pods are selected by their fields", async (subject) => {
    const { pods, namespace } = await subject.room();
    await startPod(pods, boundPod("bound"), {
      ...running(),
      podIP: "127.9.9.9",
      podIPs: [{ ip: "127.9.9.9" }],
    });
    await startPod(pods, boundPod("done", {}, { restartPolicy: "Never" }), { phase: "Succeeded" });
    await pods.create(pod("unbound"));
    for (const [fieldSelector, names] of chosen) {
      deepEqual([fieldSelector, (await pods.names({ fieldSelector })).join()], [fieldSelector, names]);
    }
    const elsewhere = { fieldSelector: "metadata.namespace=elsewhere" };
    deepEqual([
      await pods.names(elsewhere),
      (await pods.names({ fieldSelector: `metadata.namespace=${namespace}` })).length,
    ], [[], 3]);
  });

  test("any object is selected by its name", async (subject) => {
    const { maps } = await labelled(subject);
    deepEqual(await maps.names({ fieldSelector: "metadata.name=web" }), ["web"]);
    deepEqual(await maps.names({ fieldSelector: "metadata.name=none" }), []);
  });

  test("namespaces are selected by their name and phase", async (subject) => {
    const { namespace } = await subject.room();
    const fieldSelector = `metadata.name=${namespace},status.phase=Active`;
    deepEqual(await subject.namespaces.names({ fieldSelector }), [namespace]);
    deepEqual(await subject.namespaces.names({ labelSelector: `kubernetes.io/metadata.name=${namespace}` }), [
      namespace,
    ]);
  });
}

function combinations(test: Conformance): void {
  test("both selectors hold at once", async (subject) => {
    const { maps } = await labelled(subject);
    deepEqual(await maps.names({ labelSelector: "app", fieldSelector: "metadata.name!=web" }), [
      "api",
      "empty",
    ]);
  });
}

function refusals(test: Conformance): void {
  for (
    const labelSelector of [
      "a=b=c",
      "=a",
      "a in b",
      "a in (b",
      "a,,b",
      "a b",
      "!",
      "a=no good",
      "-a",
      "in (a)",
    ]
  ) {
    test(`the label selector "${labelSelector}" is refused`, async (subject) => {
      const { maps } = await subject.room();
      await refused(maps.list({ labelSelector }), { code: 400, reason: "BadRequest" });
      await refused(maps.watch({ labelSelector }), { code: 400, reason: "BadRequest" });
    });
  }

  for (
    const [fieldSelector, says] of [
      ["spec.containers=1", /field label not supported: spec.containers/],
      ["metadata.labels=1", /field label not supported: metadata.labels/],
      ["metadata.uid=1", /field label not supported: metadata.uid/],
      ["metadata.name", /invalid/i],
    ] as const
  ) {
    test(`the field selector "${fieldSelector}" is refused`, async (subject) => {
      const { pods } = await subject.room();
      await refused(pods.list({ fieldSelector }), { code: 400, reason: "BadRequest", says });
      await refused(pods.watch({ fieldSelector }), { code: 400, reason: "BadRequest", says });
    });
  }

  test("a field of one kind is none of another", async (subject) => {
    const { maps } = await subject.room();
    await refused(maps.list({ fieldSelector: "status.phase=Running" }), {
      code: 400,
      says: /status\.phase/,
    });
  });
}
