/**
 * Which Kubernetes the client is generated from and the tests run against. One place: docs and caches follow.
 *
 * @module
 */

/** Kubernetes, and the same version as its libraries count it. */
export const kubernetes = { version: "1.37.2", libraries: "0.37.2" } as const;

/** etcd's version. */
export const etcd = "3.7.3";
