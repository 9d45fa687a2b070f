/** Renews `k8s/spec`: takes the documents from the Go module of Kubernetes, prunes them, says where from. */
import { createHash } from "node:crypto";
import { printJson } from "./json.ts";
import { kubernetes } from "../versions.ts";
import { GROUP_VERSIONS } from "./kinds.ts";
import { apiVersion, moduleName, sourceFile } from "./names.ts";
import type { Document } from "./openapi.ts";
import { prune } from "./prune.ts";

const GO_MODULE = "k8s.io/kubernetes";
const SPEC_FOLDER = "api/openapi-spec/v3";

/** Writes the pruned documents and their README into the folder. Needs `go`, and a module proxy or cache. */
export async function updateSpec(folder: URL): Promise<void> {
  const from = `${await downloadModule()}/${SPEC_FOLDER}`;
  const sources = await Promise.all(GROUP_VERSIONS.map(async (groupVersion) => {
    const text = await Deno.readTextFile(`${from}/${sourceFile(groupVersion)}`);
    return { groupVersion, document: JSON.parse(text) as Document, text };
  }));

  for await (const { name } of Deno.readDir(folder)) {
    if (name.endsWith(".json")) await Deno.remove(new URL(name, folder));
  }
  for (const [module, document] of prune(sources)) {
    await Deno.writeTextFile(new URL(`${module}.json`, folder), printJson(document));
  }
  const rows = sources.map(({ groupVersion, text }) => {
    const sha256 = createHash("sha256").update(text).digest("hex");
    return `| [${moduleName(groupVersion)}.json](${moduleName(groupVersion)}.json) | ${
      apiVersion(groupVersion)
    } | ` +
      `\`${sourceFile(groupVersion)}\` | \`${sha256}\` |`;
  });
  await Deno.writeTextFile(new URL("README.md", folder), readme(rows));
}

/** Where `go` has unpacked the module. Its checksum database vouches for the content. */
async function downloadModule(): Promise<string> {
  const module = `${GO_MODULE}@v${kubernetes.version}`;
  const go = new Deno.Command("go", { args: ["mod", "download", "-json", module], stderr: "inherit" });
  const { stdout, success } = await go.output();
  const answer = JSON.parse(new TextDecoder().decode(stdout)) as { Dir?: string; Error?: string };
  if (!success || !answer.Dir) {
    throw new Error(`Cannot download ${module}: ${answer.Error ?? "go said nothing"}. Is GOPROXY reachable?`);
  }
  return answer.Dir;
}

const readme = (rows: string[]): string =>
  `\
# Kubernetes' OpenAPI documents, pruned
Written by \`deno task generate --update\`; the client beside this folder is generated from it.

The source is the Go module \`${GO_MODULE}\` v${kubernetes.version}, folder \`${SPEC_FOLDER}\`, copyright The
Kubernetes Authors, under the [Apache License 2.0](https://www.apache.org/licenses/LICENSE-2.0).

| file | apiVersion | source document | its SHA-256 |
|---|---|---|---|
${rows.join("\n")}

What was changed: only the paths of the kinds in \`scripts/generate/kinds.ts\` are kept, and the schemas that
they need. A schema stands once, in the file of its own group version; [meta_v1.json](meta_v1.json) has those
that belong to no group, and the parameters of all operations. Answers other than 200, media types other than
JSON (and a log's plain text), defaults and list types are left out.

## To renew
Set \`kubernetes\` in \`scripts/versions.ts\`, run \`deno task generate --update\`, and read the
diff: it is the change in the API. It needs \`go\` and its module proxy. \`deno task generate\` alone works offline,
and \`deno task generate --check\` fails when the committed client is not what it would write.
`;
