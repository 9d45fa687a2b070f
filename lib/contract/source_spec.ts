/**
 * Where a source comes from: `data.autocrane.io/SOURCE` on the repository's pod, or an item of `DataRepo__Sources`.
 *
 * @module
 */
import { cleanText } from "./text.ts";

/** A source's upstream. */
export type SourceSpec =
  | {
    readonly kind: "git";
    /** `https://`, `http://`, `ssh://` or an absolute path; never with a password. */
    readonly url: string;
    /** A branch, tag or commit; `undefined` is the upstream's default branch. */
    readonly ref: string | undefined;
    /** A folder in the repository, without slashes around it; empty is all of it. */
    readonly path: string;
  }
  | {
    readonly kind: "dir";
    /** An absolute folder. */
    readonly path: string;
  };

/** Providers of the C# original that are gone, and what replaces each. */
const goneProviders: Readonly<Record<string, string>> = {
  azmi: "mount a Secret",
  azkv: "mount a Secret",
  adocc: "mount a Secret",
  env: "mount a Secret",
};

const expected = `expected "git:https://host/repo.git#ref:folder", "git:ssh://..." or "dir:/folder"`;

/** Reads a source's spec, or says in words what is wrong. What may be a secret is never part of the words. */
export function parseSourceSpec(value: string): SourceSpec | { readonly problem: string } {
  const text = value.trim();
  const scheme = /^([A-Za-z]+)[:@]/.exec(text)?.[1]?.toLowerCase() ?? "";
  if (scheme === "adogit") return { problem: 'the provider "adogit" is gone: write git:https://...' };
  if (Object.hasOwn(goneProviders, scheme)) {
    return { problem: `the provider "${scheme}" is gone: ${goneProviders[scheme]}` };
  }
  if (text.startsWith("dir:")) return readDir(text.slice("dir:".length));
  if (text.startsWith("git@")) {
    const rest = text.slice("git@".length);
    return /^https?:\/\//.test(rest)
      ? readGit(rest)
      : { problem: `"git@host:path" is not taken: write git:ssh://git@host/path` };
  }
  if (text.startsWith("git:")) return readGit(text.slice("git:".length));
  return { problem: `is no source: ${expected}` };
}

function readDir(path: string): SourceSpec | { readonly problem: string } {
  return isAbsolute(path)
    ? { kind: "dir", path }
    : { problem: `names no absolute folder without "..": ${expected}` };
}

function isAbsolute(path: string): boolean {
  return path.startsWith("/") && !path.split("/").includes("..") && !path.includes("\0");
}

function readGit(text: string): SourceSpec | { readonly problem: string } {
  const hash = text.indexOf("#");
  const url = hash < 0 ? text : text.slice(0, hash);
  const fragment = hash < 0 ? "" : text.slice(hash + 1);
  const colon = fragment.indexOf(":");
  const ref = colon < 0 ? fragment : fragment.slice(0, colon);
  const path = (colon < 0 ? "" : fragment.slice(colon + 1)).replace(/^\/+|\/+$/g, "");
  const problem = urlProblem(url) ?? refProblem(ref) ?? pathProblem(path);
  return problem === undefined ? { kind: "git", url, ref: ref || undefined, path } : { problem };
}

function urlProblem(text: string): string | undefined {
  if (/[\s\p{Cc}]/u.test(text)) return `has white space or control characters in its URL: ${expected}`;
  if (isAbsolute(text)) return undefined;
  const url = URL.parse(text);
  if (!url) return `has no valid URL: ${expected}`;
  if (url.protocol === "file:") return "names file://: write the absolute path itself, git:/folder/repo.git";
  if (!["https:", "http:", "ssh:"].includes(url.protocol)) return `has a URL of another kind: ${expected}`;
  if (url.password || (url.username && url.protocol !== "ssh:")) {
    return "has credentials in its URL: put them into the file that DataRepo__GitCredentialsFile names";
  }
  if (!url.hostname || url.hostname.startsWith("-")) return `has no valid host: ${expected}`;
  return undefined;
}

/** The part of git's rules for refs that keeps a ref from being read as anything else. */
function refProblem(ref: string): string | undefined {
  if (ref === "") return undefined;
  const bad = ref.startsWith("-") || ref.includes("..") || ref.includes("@{") ||
    /[\s\p{Cc}~^:?*[\\]/u.test(ref);
  return bad ? `names "${cleanText(ref, 80)}", which is no branch, tag or commit` : undefined;
}

function pathProblem(path: string): string | undefined {
  if (path === "") return undefined;
  const parts = path.split("/");
  const bad = path.includes("\0") || parts.some((part) => part === "" || part === "." || part === "..");
  return bad ? `names the folder "${cleanText(path, 80)}", which leaves the repository` : undefined;
}

/** An upstream as people may see it: without a spec's query, where secrets could be. */
export function describeSource(spec: SourceSpec): string {
  if (spec.kind === "dir") return `dir:${cleanText(spec.path, 200)}`;
  const suffix = spec.ref || spec.path ? `#${spec.ref ?? ""}${spec.path ? `:${spec.path}` : ""}` : "";
  return `git:${cleanText(spec.url.replace(/\?.*$/, ""), 200)}${cleanText(suffix, 200)}`;
}
