import { deepEqual, equal, throws } from "node:assert/strict";
import { resources } from "../../../lib/embedded/api/resources.ts";
import { selectorText } from "../../../lib/embedded/api/tables/labels.ts";
import { includeObjectIn, tableOf } from "../../../lib/embedded/api/tables/table.ts";
import { ago, now, shown, table } from "./shown.ts";

const template = {
  spec: {
    nodeSelector: { zone: "a" },
    containers: [{ name: "app", image: "a:1" }, { name: "side", image: "b" }],
  },
};
const selector = { matchLabels: { app: "web" } };
const metadata = { name: "web", creationTimestamp: ago(60) };
const pods = { Containers: "app,side", Images: "a:1,b", Selector: "app=web" };

Deno.test("workloads are shown with what they want and what there is", () => {
  deepEqual(
    shown("deployments", {
      metadata,
      spec: { replicas: 3, selector, template },
      status: { readyReplicas: 2, updatedReplicas: 1, availableReplicas: 2 },
    }, "apps"),
    { Name: "web", Ready: "2/3", "Up-to-date": 1, Available: 2, Age: "60s", ...pods },
  );
  deepEqual(
    shown(
      "replicasets",
      { metadata, spec: { replicas: 3, selector, template }, status: { replicas: 2 } },
      "apps",
    ),
    { Name: "web", Desired: 3, Current: 2, Ready: 0, Age: "60s", ...pods },
  );
  const { Selector: _selector, ...containers } = pods;
  deepEqual(
    shown("statefulsets", {
      metadata,
      spec: { replicas: 2, selector, template },
      status: { readyReplicas: 1 },
    }, "apps"),
    { Name: "web", Ready: "1/2", Age: "60s", ...containers },
  );
  deepEqual(
    shown("daemonsets", { metadata, spec: { selector, template }, status: { numberReady: 1 } }, "apps"),
    {
      Name: "web",
      Desired: 0,
      Current: 0,
      Ready: 1,
      "Up-to-date": 0,
      Available: 0,
      "Node Selector": "zone=a",
      Age: "60s",
      ...pods,
    },
  );
});

Deno.test("a budget is shown with what it allows", () => {
  const budget = { metadata, spec: { minAvailable: "50%" }, status: { disruptionsAllowed: 1 } };
  deepEqual(shown("poddisruptionbudgets", budget, "policy"), {
    Name: "web",
    "Min Available": "50%",
    "Max Unavailable": "N/A",
    "Allowed Disruptions": 1,
    Age: "60s",
  });
  equal(
    shown("poddisruptionbudgets", { metadata, spec: { maxUnavailable: 0 } }, "policy")["Max Unavailable"],
    "0",
  );
});

Deno.test("a node is shown with its readiness, its roles and what it runs on", () => {
  const labels = { "node-role.kubernetes.io/worker": "", "kubernetes.io/role": "infra" };
  const node = {
    metadata: { name: "node-1", creationTimestamp: ago(60), labels },
    spec: { unschedulable: true },
    status: {
      conditions: [{ type: "Ready", status: "True" }],
      addresses: [{ type: "Hostname", address: "node-1" }, { type: "InternalIP", address: "127.0.0.1" }],
      nodeInfo: { kubeletVersion: "v1", kernelVersion: "6.1", architecture: "amd64", osImage: "Debian" },
    },
  };
  deepEqual(shown("nodes", node), {
    Name: "node-1",
    Status: "Ready,SchedulingDisabled",
    Roles: "infra,worker",
    Age: "60s",
    Version: "v1",
    "Internal-IP": "127.0.0.1",
    "External-IP": "<none>",
    "OS-Image": "Debian",
    "Kernel-Version": "6.1 (amd64)",
    "Container-Runtime": "<unknown>",
  });
  equal(shown("nodes", { metadata: {} }).Status, "Unknown");
  equal(
    shown("nodes", { status: { conditions: [{ type: "Ready", status: "Unknown" }] } }).Status,
    "NotReady",
  );
});

Deno.test("what is only stored is shown with what is in it", () => {
  deepEqual(shown("namespaces", { metadata, status: { phase: "Active" } }), {
    Name: "web",
    Status: "Active",
    Age: "60s",
  });
  deepEqual(shown("configmaps", { metadata, data: { a: "1" }, binaryData: { b: "" } }), {
    Name: "web",
    Data: 2,
    Age: "60s",
  });
  deepEqual(shown("leases", { metadata, spec: { holderIdentity: "me" } }, "coordination.k8s.io"), {
    Name: "web",
    Holder: "me",
    Age: "60s",
  });
});

Deno.test("a Service is shown with its addresses and ports", () => {
  const spec = { type: "ClusterIP", clusterIPs: ["None"], selector: { app: "web" } };
  deepEqual(
    shown("services", { metadata, spec: { ...spec, ports: [{ port: 80 }, { port: 81, nodePort: 3000 }] } }),
    {
      Name: "web",
      Type: "ClusterIP",
      "Cluster-IP": "None",
      "External-IP": "<none>",
      "Port(s)": "80/TCP,81:3000/TCP",
      Age: "60s",
      Selector: "app=web",
    },
  );
  const outside = (object: object) => shown("services", object)["External-IP"];
  equal(outside({ spec: { type: "ExternalName", externalName: "x.org" } }), "x.org");
  equal(outside({ spec: { type: "LoadBalancer" } }), "<pending>");
  equal(
    outside({
      spec: { type: "LoadBalancer", externalIPs: ["9.9.9.9"] },
      status: { loadBalancer: { ingress: [{ ip: "2.2.2.2" }, { hostname: "1.org" }] } },
    }),
    "1.org,2.2.2.2,9.9.9.9",
  );
});

const event = {
  metadata: { name: "web.1", creationTimestamp: ago(60) },
  involvedObject: { kind: "Pod", name: "web", fieldPath: "spec.containers{app}" },
  type: "Normal",
  reason: "Started",
  message: "  Started container\n",
};

Deno.test("an Event of the old kind is shown with its count and its times", () => {
  const old = {
    ...event,
    firstTimestamp: ago(300),
    lastTimestamp: ago(10),
    count: 7,
    source: { component: "kubelet", host: "node-1" },
  };
  deepEqual(shown("events", old), {
    "Last Seen": "10s",
    Type: "Normal",
    Reason: "Started",
    Object: "pod/web",
    Subobject: "spec.containers{app}",
    Source: "kubelet, node-1",
    Message: "Started container",
    "First Seen": "5m",
    Count: 7,
    Name: "web.1",
  });
});

Deno.test("an Event of the new kind is shown with its series", () => {
  const reporting = { reportingComponent: "autocrane", reportingInstance: "one" };
  const single = { ...event, ...reporting, eventTime: ago(30), source: {} };
  const seen = (
    { "Last Seen": last, "First Seen": first, Count, Source }: Record<string, unknown>,
  ) => [last, first, Count, Source];
  deepEqual(seen(shown("events", single)), ["30s", "30s", 1, "autocrane, one"]);
  const series = { count: 4, lastObservedTime: ago(3) };
  deepEqual(seen(shown("events", { ...single, series })), ["3s", "30s", 4, "autocrane, one"]);
  deepEqual(seen(shown("events", { ...event, source: {} })).slice(0, 2), ["<unknown>", "<unknown>"]);
});

Deno.test("selectors are shown as they are written, sorted", () => {
  const matchExpressions = [
    { key: "tier", operator: "NotIn", values: ["b", "a"] },
    { key: "canary", operator: "DoesNotExist" },
    { key: "zone", operator: "Exists" },
  ];
  equal(
    selectorText({ matchLabels: { app: "web" }, matchExpressions }),
    "app=web,!canary,tier notin (a,b),zone",
  );
  equal(selectorText(undefined), "");
});

Deno.test("every kind has a table, and no cell of it is empty for an object that says little", () => {
  for (const { plural, group, kind } of resources) {
    const bare = { kind, metadata: { name: "x" }, involvedObject: {}, spec: { containers: [] } };
    const { rows, columnDefinitions } = table(plural, bare, group);
    equal(rows[0]!.cells.length, columnDefinitions!.length);
    equal(rows[0]!.cells.every((cell) => cell !== undefined), true);
  }
});

Deno.test("a row comes with as much of its object as is asked for, and columns only where wanted", () => {
  const resource = resources.find(({ plural }) => plural === "configmaps")!;
  const object = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "x" }, data: {} };
  const row = (includeObject: "Metadata" | "Object" | "None") =>
    tableOf(resource, [object], { includeObject, now, columns: false, metadata: {} }).rows[0]!.object;
  deepEqual(row("Metadata"), {
    kind: "PartialObjectMetadata",
    apiVersion: "meta.k8s.io/v1",
    metadata: { name: "x" },
  });
  deepEqual(row("Object"), object);
  equal(row("None"), null);
  const options = { includeObject: "None", now, columns: false, metadata: {} } as const;
  equal(tableOf(resource, [object], options).columnDefinitions, null);
  equal(includeObjectIn(null), "Metadata");
  throws(() => includeObjectIn("All"), /includeObject: Invalid value: "All"/);
});
