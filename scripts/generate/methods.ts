/** The methods of the client classes, from calls. */
import { comment } from "./comment.ts";
import type { GroupVersion } from "./kinds.ts";
import type { Module } from "./module.ts";
import { capitalized, schemaOf, typeName } from "./names.ts";
import { OPTIONS_MODULE } from "./options.ts";
import type { Call } from "./spec.ts";

/** Where the namespace stands in a path. */
export const NAMESPACE = "{namespace}";

/** The source of the methods for one call: mostly one, but a list can be watched, and a log streamed. */
export function methodsOf(call: Call, groupVersion: GroupVersion, module: Module): string[] {
  return new Methods(call, groupVersion, module).all();
}

class Methods {
  readonly #call: Call;
  readonly #groupVersion: GroupVersion;
  readonly #module: Module;
  /** What the methods are named after: `Pod`, `PodStatus`. */
  readonly #part: string;
  /** The same in words. */
  readonly #words: string;

  constructor(call: Call, groupVersion: GroupVersion, module: Module) {
    const { kind, subresource } = call;
    this.#call = call;
    this.#groupVersion = groupVersion;
    this.#module = module;
    this.#part = kind + capitalized(subresource ?? "");
    this.#words = subresource ? `the ${subresource} of one ${kind}` : `one ${kind}`;
  }

  all(): string[] {
    switch (this.#call.action) {
      case "list":
        return [this.#list(), this.#watch()];
      case "post":
        return [this.#create()];
      case "deletecollection":
        return [this.#deleteList()];
      case "get":
        return this.#call.answer === "text" ? [this.#log(), this.#streamLog()] : [this.#get()];
      case "put":
        return [this.#replace()];
      case "patch":
        return [this.#patch()];
      case "delete":
        return [this.#delete()];
    }
  }

  #list(): string {
    const { kind, answer } = this.#call;
    return method(`Lists objects of kind ${kind}${this.#where}.`, {
      name: `get${kind}List${this.#suffix}`,
      parameters: [this.#options("ListOptions")],
      carrier: "json",
      answer: this.#module.schema(answer),
      request: `list(${this.#path}, opts)`,
    });
  }

  #watch(): string {
    const { kind } = this.#call;
    const object = this.#schema(kind);
    const parameters = this.#options("WatchOptions");
    const events = `AsyncIterable<${this.#module.type("client", "WatchEvent")}<${object}>>`;
    return `
${comment(`Watches objects of kind ${kind}${this.#where}.`, 2)}
  watch${kind}List${this.#suffix}(${parameters}): ${events} {
    return this.#client.watch<${object}>(requests.watch(${this.#path}, opts));
  }
`;
  }

  #create(): string {
    const { kind, subresource, body = "", answer, path } = this.#call;
    const name = path.endsWith("}") || subresource ? ["name: string"] : [];
    return method(subresource ? `Creates ${this.#words}.` : `Creates an object of kind ${kind}.`, {
      name: `create${this.#part}`,
      parameters: [...name, `body: ${this.#module.schema(body)}`, this.#options("CreateOptions")],
      carrier: "json",
      // The documents promise the Eviction back; a server answers with a Status.
      answer: subresource === "eviction"
        ? this.#orStatus(this.#module.schema(answer))
        : this.#module.schema(answer),
      request: `create(${this.#path}, body, opts)`,
    });
  }

  #deleteList(): string {
    const { kind } = this.#call;
    return method(
      `Deletes the objects of kind ${kind}${this.#where} that the selectors choose: all without one.`,
      {
        name: `delete${kind}List`,
        parameters: [this.#options("DeleteListOptions")],
        carrier: "json",
        answer: this.#orStatus(this.#schema(`${kind}List`)),
        request: `removeList(${this.#path}, opts)`,
      },
    );
  }

  #get(): string {
    return method(`Reads ${this.#words}.`, {
      name: `get${this.#part}`,
      parameters: ["name: string", this.#options("CallOptions")],
      carrier: "json",
      answer: this.#module.schema(this.#call.answer),
      request: `get(${this.#path}, opts)`,
    });
  }

  #log(): string {
    return method(`Reads ${this.#words}.`, {
      name: `get${this.#part}`,
      parameters: ["name: string", this.#options("PodLogOptions")],
      carrier: "text",
      answer: "string",
      request: `log(${this.#path}, opts)`,
    });
  }

  #streamLog(): string {
    return method(`Reads ${this.#words} as it comes: with \`follow\`, until the container ends.`, {
      name: `stream${this.#part}`,
      parameters: ["name: string", this.#options("PodLogOptions")],
      carrier: "stream",
      answer: "ReadableStream<Uint8Array>",
      request: `log(${this.#path}, opts)`,
    });
  }

  #replace(): string {
    const { body = "", answer } = this.#call;
    return method(`Replaces ${this.#words}.`, {
      name: `replace${this.#part}`,
      parameters: ["name: string", `body: ${this.#module.schema(body)}`, this.#options("ReplaceOptions")],
      carrier: "json",
      answer: this.#module.schema(answer),
      request: `replace(${this.#path}, body, opts)`,
    });
  }

  #patch(): string {
    const answer = this.#module.schema(this.#call.answer);
    const patch = `patch: ${this.#module.type("patch", "Patch")}<${answer}>`;
    return method(`Changes part of ${this.#words}.`, {
      name: `patch${this.#part}`,
      parameters: ["name: string", patch, this.#options("PatchOptions")],
      carrier: "json",
      answer,
      request: `patch(${this.#path}, patch, opts)`,
    });
  }

  #delete(): string {
    const { kind, answer } = this.#call;
    return method(`Deletes ${this.#words}.`, {
      name: `delete${this.#part}`,
      parameters: ["name: string", this.#options("DeleteObjectOptions")],
      carrier: "json",
      answer: typeName(answer) === "Status"
        ? this.#orStatus(this.#schema(kind))
        : this.#module.schema(answer),
      request: `remove(${this.#path}, opts)`,
    });
  }

  /**
   * The type or a Status. Of a delete the documents promise a Status, but a server gives the object while
   * something holds it back (a finalizer, a grace period), and always the list when it deletes one.
   */
  #orStatus(type: string): string {
    return `${type} | ${this.#module.type("meta_v1", "Status")}`;
  }

  #schema(kind: string): string {
    return this.#module.schema(schemaOf(this.#groupVersion, kind));
  }

  #options(name: string): string {
    return `opts: ${this.#module.type(OPTIONS_MODULE, name)} = {}`;
  }

  get #suffix(): string {
    return this.#call.allNamespaces ? "ForAllNamespaces" : "";
  }

  get #where(): string {
    return this.#call.allNamespaces ? " in all namespaces" : this.#call.namespaced ? " in the namespace" : "";
  }

  /** The source of the path: relative to the namespace's, where there is one. */
  get #path(): string {
    const { path } = this.#call;
    const from = path.indexOf(NAMESPACE);
    const relative = from < 0 ? path : "${this.#root}" + path.slice(from + NAMESPACE.length);
    const source = relative.replace("{name}", "${requests.segment(name)}");
    return source === path ? `"${path}"` : `\`${source}\``;
  }
}

interface Method {
  name: string;
  parameters: string[];
  /** The client's method that carries the request. */
  carrier: "json" | "text" | "stream";
  /** The type of what comes back. */
  answer: string;
  /** Which request is sent, from `k8s/requests.ts`. */
  request: string;
}

/** Methods are async so that a name that cannot stand in a path rejects, as every other failure does. */
function method(description: string, { name, parameters, carrier, answer, request }: Method): string {
  const typed = carrier === "json" ? `json<${answer}>` : carrier;
  return `
${comment(description, 2)}
  async ${name}(${parameters.join(", ")}): Promise<${answer}> {
    return await this.#client.${typed}(requests.${request});
  }
`;
}
