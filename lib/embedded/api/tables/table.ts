/**
 * Lists as tables (meta.k8s.io/v1 Table): what `kubectl get` shows, made by the server.
 *
 * @module
 */
import type { ListMeta, ObjectMeta } from "../../../../k8s/meta_v1.ts";
import { badRequest } from "../errors.ts";
import type { ApiObject } from "../objects.ts";
import { shown } from "../representation.ts";
import type { Resource } from "../resources.ts";
import type { Cell, Column } from "./column.ts";
import { eventColumns } from "./events.ts";
import { namespaceColumns, nodeColumns } from "./nodes.ts";
import { podColumns } from "./pods.ts";
import { configMapColumns, leaseColumns, serviceColumns } from "./stored.ts";
import {
  budgetColumns,
  daemonSetColumns,
  deploymentColumns,
  replicaSetColumns,
  statefulSetColumns,
} from "./workloads.ts";

/** What of an object goes with its row. */
export type IncludeObject = "Metadata" | "Object" | "None";

/** How a table is wanted. */
export interface TableOptions {
  readonly includeObject: IncludeObject;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Whether the columns are described: in a watch only its first event does that. */
  readonly columns: boolean;
  /** The list's own metadata, or of a single object its version. */
  readonly metadata: ListMeta;
}

/** What is said of a column. */
export type ColumnDefinition = Omit<Column<unknown>, "cell">;

/** One row: an object. */
export interface TableRow {
  readonly cells: readonly Cell[];
  readonly conditions?: readonly object[];
  readonly object: ApiObject | PartialObject | null;
}

/** An object of which only the metadata is shown. */
export interface PartialObject {
  readonly kind: "PartialObjectMetadata";
  readonly apiVersion: "meta.k8s.io/v1";
  readonly metadata: ObjectMeta;
}

/** A list of objects as a table. */
export interface Table {
  readonly kind: "Table";
  readonly apiVersion: "meta.k8s.io/v1";
  readonly metadata: ListMeta;
  readonly columnDefinitions: readonly ColumnDefinition[] | null;
  readonly rows: readonly TableRow[];
}

/** What is shown of a kind's objects; each cell is asked for an object of the kind that it stands under. */
const columnsByStorage: Readonly<Record<string, readonly Column<never>[]>> = {
  configmaps: configMapColumns,
  events: eventColumns,
  namespaces: namespaceColumns,
  nodes: nodeColumns,
  pods: podColumns,
  services: serviceColumns,
  "daemonsets.apps": daemonSetColumns,
  "deployments.apps": deploymentColumns,
  "replicasets.apps": replicaSetColumns,
  "statefulsets.apps": statefulSetColumns,
  "leases.coordination.k8s.io": leaseColumns,
  "poddisruptionbudgets.policy": budgetColumns,
};

/**
 * A table of objects.
 *
 * @param objects as they are kept: Events in core/v1's form
 */
export function tableOf(resource: Resource, objects: readonly ApiObject[], options: TableOptions): Table {
  const columns = columnsByStorage[resource.storage] as readonly Column<ApiObject>[];
  return {
    kind: "Table",
    apiVersion: "meta.k8s.io/v1",
    metadata: options.metadata,
    columnDefinitions: options.columns ? columns.map(({ cell: _, ...said }) => said) : null,
    rows: objects.map((object) => ({
      cells: columns.map(({ cell }) => cell(object, options.now)),
      ...completion(object),
      object: included(resource, object, options.includeObject),
    })),
  };
}

/**
 * What the query parameter `includeObject` asks for.
 *
 * @throws ApiError 400 where it is none of the words that are known
 */
export function includeObjectIn(parameter: string | null): IncludeObject {
  if (!parameter) return "Metadata";
  if (parameter === "Metadata" || parameter === "Object" || parameter === "None") return parameter;
  throw badRequest(
    `Unable to convert to Table as requested: includeObject: Invalid value: "${parameter}": ` +
      "must be 'Metadata', 'Object', 'None', or empty",
  );
}

function included(resource: Resource, object: ApiObject, what: IncludeObject): TableRow["object"] {
  if (what === "None") return null;
  if (what === "Object") return shown(resource, object);
  return { kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1", metadata: object.metadata };
}

/** Rows of pods that have ended are marked, so that clients can leave them out. */
function completion({ kind, status }: ApiObject): Pick<TableRow, "conditions"> {
  if (kind !== "Pod" || (status?.phase !== "Succeeded" && status?.phase !== "Failed")) return {};
  const message = status.phase === "Succeeded" ? "The pod has ended well." : "The pod has failed.";
  return { conditions: [{ type: "Completed", status: "True", reason: status.phase, message }] };
}
