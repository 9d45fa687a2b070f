/**
 * The columns of a table, and those that several kinds have.
 *
 * @module
 */
import type { KubeObject } from "../../../kube/store.ts";
import type { Container } from "../../../../k8s/core_v1.ts";
import { since } from "./duration.ts";

/** What stands in one place of a table. */
export type Cell = string | number;

/** One column: what is said of it (meta/v1 TableColumnDefinition), and what it shows of an object. */
export interface Column<T> {
  readonly name: string;
  readonly type: "string" | "integer";
  readonly format: "" | "name";
  /** 1: shown by `-o wide` only. */
  readonly priority: 0 | 1;
  readonly description: string;
  /** @param now milliseconds since 1970 */
  readonly cell: (object: T, now: number) => Cell;
}

/** A column of words. */
export function text<T>(name: string, description: string, cell: Column<T>["cell"]): Column<T> {
  return { name, type: "string", format: "", priority: 0, description, cell };
}

/** A column of numbers. */
export function count<T>(name: string, description: string, cell: Column<T>["cell"]): Column<T> {
  return { ...text(name, description, cell), type: "integer" };
}

/** The column, shown by `-o wide` only. */
export function wide<T>(column: Column<T>): Column<T> {
  return { ...column, priority: 1 };
}

/** The object's name. */
export const name: Column<KubeObject> = {
  ...text("Name", "The object's name", ({ metadata }) => metadata?.name ?? ""),
  format: "name",
};

/** How long the object has been there. */
export const age: Column<KubeObject> = text(
  "Age",
  "Time since the object was created",
  ({ metadata }, now) => since(metadata?.creationTimestamp, now),
);

/** Something that makes pods. */
interface Templated {
  readonly spec?: { readonly template?: { readonly spec?: { readonly containers: readonly Container[] } } };
}

/** The containers of a workload's pods, and their images. */
export const containers: readonly Column<Templated>[] = [
  wide(text("Containers", "Names of the containers", (object) => listOf(object, (one) => one.name))),
  wide(text("Images", "Images of the containers", (object) => listOf(object, (one) => one.image ?? ""))),
];

function listOf({ spec }: Templated, shown: (container: Container) => string): string {
  return (spec?.template?.spec?.containers ?? []).map(shown).join(",");
}
