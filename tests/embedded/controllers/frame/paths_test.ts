import { equal, throws } from "node:assert/strict";
import { resourceAt } from "../../../../lib/embedded/api/resources.ts";
import { pathOf, resourceOf } from "../../../../lib/embedded/controllers/frame/paths.ts";

const pods = resourceAt("", "v1", "pods")!;
const deployments = resourceAt("apps", "v1", "deployments")!;

Deno.test("paths lead to an object, to a namespace's objects, or to all of a kind", () => {
  equal(pathOf(pods, { namespace: "shop", name: "web" }), "/api/v1/namespaces/shop/pods/web");
  equal(pathOf(deployments, { namespace: "shop" }), "/apis/apps/v1/namespaces/shop/deployments");
  equal(pathOf(deployments), "/apis/apps/v1/deployments");
  throws(() => pathOf(pods, { namespace: "shop", name: "" }), TypeError);
});

Deno.test("a kind is found as owners are named; one that is not served is not", () => {
  equal(resourceOf("apps/v1", "Deployment"), deployments);
  equal(resourceOf("v1", "Pod"), pods);
  equal(resourceOf("batch/v1", "Job"), undefined);
  equal(resourceOf("apps/v1beta1", "Deployment"), undefined);
});
