/**
 * Rules for pods and their templates.
 *
 * @module
 */
import type { Container, PodSpec, Probe, Volume } from "../../../../k8s/core_v1.ts";
import { labelProblem } from "../names.ts";
import { type ApiObject, sameJson } from "../objects.ts";
import type { ProblemList } from "./problems.ts";

/** Checks a pod's spec, or that of a template. */
export function checkPodSpec(path: string, spec: PodSpec, list: ProblemList): void {
  if (spec.containers.length === 0) list.required(`${path}.containers`);
  const names = new Set<string>();
  const volumes = checkVolumes(`${path}.volumes`, spec.volumes ?? [], list);
  for (const group of ["initContainers", "containers"] as const) {
    for (const [index, one] of (spec[group] ?? []).entries()) {
      const at = `${path}.${group}[${index}]`;
      if (names.has(one.name)) list.duplicate(`${at}.name`, one.name);
      names.add(one.name);
      checkContainer(at, one, volumes, list);
    }
  }
  const policies = ["Always", "OnFailure", "Never"];
  if (!policies.includes(spec.restartPolicy!)) {
    list.unsupported(`${path}.restartPolicy`, spec.restartPolicy, policies);
  }
  if ((spec.terminationGracePeriodSeconds ?? 0) < 0) {
    list.invalid(
      `${path}.terminationGracePeriodSeconds`,
      spec.terminationGracePeriodSeconds,
      "must be greater than or equal to 0",
    );
  }
}

/** Checks volumes, whose names become folders; which names there are. */
function checkVolumes(path: string, volumes: readonly Volume[], list: ProblemList): ReadonlySet<string> {
  const names = new Set<string>();
  for (const [index, volume] of volumes.entries()) {
    const at = `${path}[${index}]`;
    checkName(`${at}.name`, volume.name, list);
    if (names.has(volume.name)) list.duplicate(`${at}.name`, volume.name);
    names.add(volume.name);
    const projected = (volume.projected?.sources ?? []).flatMap(({ configMap, downwardAPI }) => [
      ...(configMap?.items ?? []),
      ...(downwardAPI?.items ?? []),
    ]);
    const items = [...(volume.configMap?.items ?? []), ...(volume.downwardAPI?.items ?? []), ...projected];
    for (const item of items) checkInside(`${at}.items.path`, item.path, list);
  }
  return names;
}

/** A path that stays in the folder that it is below. */
function checkInside(field: string, path: string, list: ProblemList): void {
  if (path.startsWith("/")) list.invalid(field, path, "must be a relative path");
  if (path.split("/").includes("..")) list.invalid(field, path, "must not contain '..'");
}

function checkName(field: string, name: string | undefined, list: ProblemList): void {
  const problem = labelProblem(name ?? "");
  if (!name) list.required(field);
  else if (problem) list.invalid(field, name, problem);
}

function checkContainer(at: string, one: Container, volumes: ReadonlySet<string>, list: ProblemList): void {
  checkName(`${at}.name`, one.name, list);
  for (const [index, { name }] of (one.env ?? []).entries()) {
    if (!name) list.required(`${at}.env[${index}].name`);
    else if (name.includes("=")) list.invalid(`${at}.env[${index}].name`, name, "must not contain '='");
  }
  if (!one.image) list.required(`${at}.image`);
  for (const [index, mount] of (one.volumeMounts ?? []).entries()) {
    if (!volumes.has(mount.name)) {
      list.problems.push({
        field: `${at}.volumeMounts[${index}].name`,
        message: `Not found: "${mount.name}"`,
        reason: "FieldValueNotFound",
      });
    }
    if (mount.subPath) checkInside(`${at}.volumeMounts[${index}].subPath`, mount.subPath, list);
    if (!mount.mountPath) list.required(`${at}.volumeMounts[${index}].mountPath`);
  }
  for (const name of ["startupProbe", "readinessProbe", "livenessProbe"] as const) {
    if (one[name]) checkProbe(`${at}.${name}`, one[name], list);
  }
}

function checkProbe(at: string, probe: Probe, list: ProblemList): void {
  const handlers = (["exec", "httpGet", "tcpSocket", "grpc"] as const).filter((name) => probe[name]);
  if (handlers.length === 0) list.required(at, "must specify a handler type");
  if (handlers.length > 1) list.forbidden(`${at}.${handlers[1]}`, "may not specify more than 1 handler type");
  for (const field of ["timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"] as const) {
    if ((probe[field] ?? 1) < 1) list.invalid(`${at}.${field}`, probe[field], "must be greater than 0");
  }
}

/** What of a pod's spec may change. */
const mutable = [
  "containers",
  "initContainers",
  "activeDeadlineSeconds",
  "tolerations",
  "schedulingGates",
];

/** Checks what of a pod's spec may not change: nearly all of it. */
export function checkPodUpdate(before: ApiObject, after: ApiObject, list: ProblemList): void {
  const old = before.spec as unknown as PodSpec;
  const now = after.spec as unknown as PodSpec;
  if (old.containers.length !== now.containers.length) {
    return list.forbidden("spec.containers", "pod updates may not add or remove containers");
  }
  if (sameJson(frozen(old), frozen(now))) return;
  list.forbidden(
    "spec",
    "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`," +
      "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations)," +
      "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)",
  );
}

/** The part of a pod's spec that must stay as it is. */
function frozen(spec: PodSpec): object {
  const fixed = Object.fromEntries(Object.entries(spec).filter(([name]) => !mutable.includes(name)));
  const withoutImage = (containers: Container[] = []) => containers.map(({ image: _, ...rest }) => rest);
  return {
    ...fixed,
    containers: withoutImage(spec.containers),
    initContainers: withoutImage(spec.initContainers),
  };
}
