/**
 * Probes as manifests describe them, made ready to be carried out.
 *
 * @module
 */
import type { Container, HTTPGetAction, Probe } from "../../../k8s/core_v1.ts";
import type { IntOrString } from "../../../k8s/meta_v1.ts";
import { BadReference } from "./field_ref.ts";

/** What a probe is for. */
export type ProbeKind = "startup" | "readiness" | "liveness";

/** What is done to find out. */
export type ProbeAction =
  | { readonly do: "http"; readonly url: string; readonly headers: Readonly<Record<string, string>> }
  | { readonly do: "tcp"; readonly host: string; readonly port: number }
  | { readonly do: "exec"; readonly command: readonly string[] };

/** One probe of a container; times in milliseconds. */
export interface ProbePlan {
  readonly kind: ProbeKind;
  readonly action: ProbeAction;
  /** From the container's start to the first probe. */
  readonly initialDelay: number;
  readonly period: number;
  readonly timeout: number;
  /** How many of a kind in a row it takes. */
  readonly thresholds: { readonly successes: number; readonly failures: number };
  /** How long the container may take to end after a failure; `undefined`: as the pod says. */
  readonly grace: number | undefined;
}

/**
 * A container's probes, with the API's defaults (core/v1 Probe).
 *
 * @param address the pod's
 * @throws BadReference where one cannot be carried out
 */
export function probesOf(container: Container, address: string): ProbePlan[] {
  const { startupProbe, readinessProbe, livenessProbe } = container;
  const plan = (kind: ProbeKind, probe: Probe | undefined) =>
    probe ? [planOf(kind, probe, container, address)] : [];
  return [
    ...plan("startup", startupProbe),
    ...plan("readiness", readinessProbe),
    ...plan("liveness", livenessProbe),
  ];
}

function planOf(kind: ProbeKind, probe: Probe, container: Container, address: string): ProbePlan {
  const { initialDelaySeconds, periodSeconds, timeoutSeconds, terminationGracePeriodSeconds: grace } = probe;
  return {
    kind,
    action: actionOf(kind, probe, container, address),
    initialDelay: (initialDelaySeconds ?? 0) * 1000,
    period: (periodSeconds || 10) * 1000,
    timeout: (timeoutSeconds || 1) * 1000,
    thresholds: { successes: probe.successThreshold || 1, failures: probe.failureThreshold || 3 },
    grace: grace === undefined ? undefined : grace * 1000,
  };
}

function actionOf(kind: ProbeKind, probe: Probe, container: Container, address: string): ProbeAction {
  const { httpGet, tcpSocket, exec } = probe;
  if (httpGet) return httpAction(httpGet, container, address);
  if (tcpSocket) {
    return { do: "tcp", host: tcpSocket.host || address, port: portOf(tcpSocket.port, container) };
  }
  if (exec) return { do: "exec", command: exec.command ?? [] };
  throw new BadReference(
    `${kind} probe with ${Object.keys(probe).find((name) => name === "grpc") ?? "no action"}: ` +
      "not supported by AutoCrane's embedded cluster: use httpGet, tcpSocket or exec",
  );
}

/** An HTTP request for a probe or a hook. @throws BadReference where its port has no number */
export function httpAction(
  { scheme, host, port, path = "/", httpHeaders = [] }: HTTPGetAction,
  container: Container,
  address: string,
): ProbeAction & { do: "http" } {
  const where = path.startsWith("/") ? path : `/${path}`;
  return {
    do: "http",
    url: `${(scheme ?? "HTTP").toLowerCase()}://${host || address}:${portOf(port, container)}${where}`,
    headers: Object.fromEntries(httpHeaders.map(({ name, value }) => [name, value])),
  };
}

function portOf(port: IntOrString, { name, ports = [] }: Container): number {
  const number = typeof port === "number" ? port : /^\d+$/.test(port) ? Number(port) : undefined;
  const found = number ?? ports.find((one) => one.name === port)?.containerPort;
  if (found !== undefined && found > 0 && found < 65_536) return found;
  throw new BadReference(`couldn't find port "${port}" among the ports of the container ${name}`);
}
