import { deepEqual, throws } from "node:assert/strict";
import type { Probe } from "../../../k8s/core_v1.ts";
import { probesOf } from "../../../lib/embedded/node/probe_plan.ts";
import { container } from "./build.ts";

function probed(readinessProbe: Probe): ReturnType<typeof probesOf>[number] {
  const ports = [{ name: "web", containerPort: 8080 }];
  return probesOf(container("app", { ports, readinessProbe }), "127.9.9.2")[0]!;
}

Deno.test("what a probe leaves out is as the API's defaults say", () => {
  deepEqual(probed({ httpGet: { port: 80 } }), {
    kind: "readiness",
    action: { do: "http", url: "http://127.9.9.2:80/", headers: {} },
    initialDelay: 0,
    period: 10_000,
    timeout: 1000,
    thresholds: { successes: 1, failures: 3 },
    grace: undefined,
  });
});

Deno.test("a probe may say everything itself", () => {
  const httpHeaders = [{ name: "X-Probe", value: "1" }];
  const { action } = probed({
    httpGet: { scheme: "HTTPS", host: "127.0.0.1", port: "web", path: "ok?a=b", httpHeaders },
  });
  deepEqual(action, { do: "http", url: "https://127.0.0.1:8080/ok?a=b", headers: { "X-Probe": "1" } });
  deepEqual(probed({ tcpSocket: { port: "web" } }).action, { do: "tcp", host: "127.9.9.2", port: 8080 });
  deepEqual(probed({ exec: { command: ["cat", "x"] } }).action, { do: "exec", command: ["cat", "x"] });
});

Deno.test("a probe that cannot be carried out is refused with what can be", () => {
  throws(
    () => probed({ grpc: { port: 1 } }),
    /readiness probe with grpc: not supported .*: use httpGet, tcpSocket or exec/,
  );
  throws(
    () => probed({ tcpSocket: { port: "admin" } }),
    /couldn't find port "admin" among the ports of the container app/,
  );
});
