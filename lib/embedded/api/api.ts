/**
 * The API: a request in, an answer out, without a socket.
 *
 * @module
 */
import type { Scale } from "../../../k8s/autoscaling_v1.ts";
import type { DeleteOptions } from "../../../k8s/meta_v1.ts";
import type { Answer, ApiRequest } from "./calls.ts";
import { saysYes } from "./request_words.ts";
import { deleteOptionsIn, refuseOtherDryRun } from "./delete_options.ts";
import { remove } from "./deletion.ts";
import { ApiError, badRequest, invalid } from "./errors.ts";
import { evict } from "./eviction.ts";
import type { Ground } from "./ground.ts";
import { listed, revisionIn, tooLarge } from "./lists.ts";
import { openLog } from "./logs.ts";
import { keyAt, type Place } from "./objects.ts";
import { patched, refuseUnknownPatch } from "./patches.ts";
import type { PodLogs } from "./pod_logs.ts";
import { received, receivedPatch } from "./shape.ts";
import { strategyOf } from "./strategies.ts";
import { bind, finalize, read, rescale, scaleOf } from "./subresources.ts";
import { type Target, targetAt } from "./target.ts";
import { watched } from "./watches.ts";
import { change, create, type WriteOptions } from "./writes.ts";

/** Serves requests for objects. */
export class Api {
  readonly #ground: Ground;
  readonly #logs: PodLogs;

  /** @param logs reads containers' logs */
  constructor(ground: Ground, logs: PodLogs) {
    this.#ground = ground;
    this.#logs = logs;
  }

  /**
   * Answers a request below `/api/v1` or `/apis/GROUP/VERSION`.
   *
   * @throws ApiError whose status is the answer, where the request is refused
   */
  answer(request: ApiRequest): Answer {
    const target = targetAt(request.path);
    if (!isAllowed(request.method, target)) throw methodNotAllowed();
    switch (request.method) {
      case "GET":
        return this.#get(request, target);
      case "POST":
        return this.#post(request, target);
      case "PUT":
        return this.#put(request, target);
      case "PATCH":
        return this.#patch(request, target);
      case "DELETE":
        return this.#delete(request, target);
    }
    throw methodNotAllowed();
  }

  #get(request: ApiRequest, { resource, namespace, name, subresource }: Target): Answer {
    const { query, signal } = request;
    const { store } = this.#ground;
    if (name === undefined) {
      if (saysYes(query.get("watch"))) {
        return {
          kind: "events",
          resource,
          events: watched(this.#ground, resource, namespace, query, signal),
        };
      }
      return { kind: "list", resource, page: listed(store, resource, namespace, query) };
    }
    const wanted = revisionIn(query.get("resourceVersion") ?? "");
    if (wanted > store.revision) throw tooLarge(wanted, store.revision);
    const object = read(this.#ground, placeOf({ resource, namespace, name }));
    if (subresource === "log") {
      const now = this.#ground.clock.now();
      return { kind: "log", stream: openLog(this.#logs, object, query, now, signal) };
    }
    if (subresource === "scale") return plain(200, scaleOf(object));
    return { kind: "object", code: 200, resource, object };
  }

  #post(request: ApiRequest, target: Target): Answer {
    const { resource, namespace, subresource } = target;
    if (subresource === "eviction" || subresource === "binding") {
      const place = placeOf(target);
      const options = optionsOf(request, target);
      const status = subresource === "eviction"
        ? evict(this.#ground, place, request.body, options)
        : bind(this.#ground, place, request.body, options);
      return plain(201, status);
    }
    const sent = received({ resource, ...(namespace !== undefined && { namespace }) }, request);
    const { warnings } = sent;
    const object = create(this.#ground, resource, sent.object, optionsOf(request, target));
    return { kind: "object", code: 201, resource, object, warnings };
  }

  #put(request: ApiRequest, target: Target): Answer {
    const place = placeOf(target);
    const { resource, subresource } = target;
    const options = optionsOf(request, target);
    if (subresource === "scale") {
      return plain(200, rescale(this.#ground, place, () => request.body as Scale, options));
    }
    const { object: sent, warnings } = received(place, request);
    if (subresource === "finalize") {
      return { kind: "object", code: 200, resource, object: finalize(this.#ground, place, sent, options) };
    }
    if (!sent.metadata.resourceVersion && this.#mayCreate(place)) {
      const created = create(this.#ground, resource, sent, options);
      return { kind: "object", code: 201, resource, object: created, warnings };
    }
    const object = change(this.#ground, place, () => sent, options, false);
    return { kind: "object", code: 200, resource, object, warnings };
  }

  /** Whether a PUT to a name that is not there makes it. */
  #mayCreate(place: Place): boolean {
    const { resource } = place;
    return strategyOf(resource).createsOnUpdate === true &&
      this.#ground.store.get(resource.storage, keyAt(place)) === undefined;
  }

  #patch(request: ApiRequest, target: Target): Answer {
    const place = placeOf(target);
    const { resource, subresource } = target;
    const options = optionsOf(request, target);
    refuseUnknownPatch(request.contentType);
    if (subresource === "scale") {
      const apply = (now: Scale) => patched(resource, now, request.body, request.contentType) as Scale;
      return plain(200, rescale(this.#ground, place, apply, options));
    }
    let warnings: readonly string[] = [];
    const object = change(
      this.#ground,
      place,
      (now) => {
        const sent = receivedPatch(place, now, request);
        warnings = sent.warnings;
        return sent.object;
      },
      options,
      true,
    );
    return { kind: "object", code: 200, resource, object, warnings };
  }

  #delete(request: ApiRequest, target: Target): Answer {
    const { resource, namespace, name } = target;
    const deletion = deletionIn(request);
    const { dryRun } = optionsOf(request, target);
    const all = dryRun || (deletion.dryRun ?? []).includes("All");
    if (name === undefined) {
      const page = listed(this.#ground.store, resource, namespace, request.query);
      for (const { metadata } of page.objects) {
        const place = placeOf({ resource, namespace: metadata.namespace, name: metadata.name! });
        remove(this.#ground, place, deletion, all);
      }
      return { kind: "list", resource, page };
    }
    const place = placeOf(target);
    const { object, gone } = remove(this.#ground, place, deletion, all);
    const withObject = !gone || strategyOf(resource).answersWithObject;
    if (withObject) return { kind: "object", code: 200, resource, object };
    const details = {
      name,
      ...(resource.group && { group: resource.group }),
      kind: resource.plural,
      uid: object.metadata.uid,
    };
    return plain(200, { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", details });
  }
}

const written = ["GET", "PUT", "PATCH"];

/** What can be done with parts of an object. */
const partMethods: Readonly<Record<string, readonly string[]>> = {
  status: written,
  scale: written,
  finalize: ["PUT"],
  eviction: ["POST"],
  binding: ["POST"],
  log: ["GET"],
};

/** Whether a method is one that its target knows. */
function isAllowed(method: string, { resource, namespace, name, subresource }: Target): boolean {
  if (subresource !== undefined) return partMethods[subresource]!.includes(method);
  if (name !== undefined) return [...written, "DELETE"].includes(method);
  const inOne = !resource.namespaced || namespace !== undefined;
  if (method === "DELETE") return inOne && resource.plural !== "namespaces";
  return method === "GET" || (method === "POST" && inOne);
}

function placeOf({ resource, namespace, name }: Target): Place {
  if (name === undefined) throw methodNotAllowed();
  return { resource, name, ...(namespace !== undefined && { namespace }) };
}

function plain(code: number, body: object): Answer {
  return { kind: "plain", code, body };
}

function methodNotAllowed(): ApiError {
  const message = "the server does not allow this method on the requested resource";
  return new ApiError(405, "MethodNotAllowed", message);
}

/** Most characters of a field manager's name. */
const longestManager = 128;

function optionsOf({ query, userAgent }: ApiRequest, { subresource }: Target): WriteOptions {
  const dryRun = query.getAll("dryRun");
  refuseOtherDryRun(dryRun);
  const manager = query.get("fieldManager") ?? "";
  if (manager.length > longestManager) {
    const message = `Too long: may not be more than ${longestManager} bytes`;
    const field = { field: "fieldManager", message, reason: "FieldValueTooLong" };
    throw invalid("WriteOptions", { group: "meta.k8s.io", resource: "" }, [field]);
  }
  return {
    manager: manager || userAgent.split("/")[0] || "unknown",
    dryRun: dryRun.length > 0,
    ...(subresource !== undefined && { subresource }),
  };
}

/** What a DELETE's body says, or its query where it has none. */
function deletionIn({ body, query }: ApiRequest): DeleteOptions {
  if (body !== undefined) return deleteOptionsIn(body);
  const grace = query.get("gracePeriodSeconds");
  const policy = query.get("propagationPolicy");
  if (grace !== null && !/^-?\d+$/.test(grace)) throw badRequest(`invalid gracePeriodSeconds "${grace}"`);
  return deleteOptionsIn({
    ...(grace !== null && { gracePeriodSeconds: Number(grace) }),
    ...(policy !== null && { propagationPolicy: policy }),
  });
}
