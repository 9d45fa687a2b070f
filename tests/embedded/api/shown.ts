/**
 * Objects as a table shows them.
 *
 * @module
 */
import type { ApiObject } from "../../../lib/embedded/api/objects.ts";
import { resources } from "../../../lib/embedded/api/resources.ts";
import { type Table, tableOf } from "../../../lib/embedded/api/tables/table.ts";

/** When the tables are made. */
export const now = Date.parse("2026-01-02T00:00:00Z");

/** So many seconds before {@link now}. */
export function ago(seconds: number): string {
  return new Date(now - seconds * 1000).toISOString();
}

/** The table of one object. */
export function table(plural: string, object: object, group = ""): Table {
  const resource = resources.find((one) => one.plural === plural && one.group === group)!;
  const options = { includeObject: "None", now, columns: true, metadata: {} } as const;
  return tableOf(resource, [object as ApiObject], options);
}

/** What is shown of an object, by the names of the columns. */
export function shown(plural: string, object: object, group = ""): Record<string, unknown> {
  const { columnDefinitions, rows } = table(plural, object, group);
  return Object.fromEntries(columnDefinitions!.map(({ name }, index) => [name, rows[0]!.cells[index]]));
}
