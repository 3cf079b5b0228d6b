// SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
// SPDX-License-Identifier: GPL-3.0-or-later
// Clients for Node, unmodified, against the lab: @azure/msal-node, @azure/identity, @microsoft/microsoft-graph-client.
// Standard input: one JSON document (packages, url, tenant, app, certified). Standard output: what came of it.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const order = JSON.parse(readFileSync(0, "utf8"));
const load = createRequire(`${order.packages}/x.js`);
const msal = load("@azure/msal-node");
const identity = load("@azure/identity");
const graph = load("@microsoft/microsoft-graph-client");
const { TokenCredentialAuthenticationProvider } = load(
  "@microsoft/microsoft-graph-client/authProviders/azureTokenCredentials",
);
const { X509Certificate, createHash } = await import("node:crypto");

const host = new URL(order.url).host;
const authority = `${order.url}/${order.tenant}`;
const scope = "https://graph.microsoft.com/.default";
const found = {};

const confidential = (clientId, credential) =>
  new msal.ConfidentialClientApplication({ auth: { clientId, authority, knownAuthorities: [host], ...credential } });

const pem = readFileSync(order.certified.file, "utf8");
const thumbprintSha256 = createHash("sha256").update(new X509Certificate(pem.slice(pem.indexOf("-----BEGIN CERT"))).raw);
const certificate = { thumbprintSha256: thumbprintSha256.digest("hex"), privateKey: pem };

const bySecret = confidential(order.app.id, { clientSecret: order.app.secret });
found.msal_secret = Boolean((await bySecret.acquireTokenByClientCredential({ scopes: [scope] })).accessToken);
const byKey = confidential(order.certified.id, { clientCertificate: certificate });
found.msal_certificate = Boolean((await byKey.acquireTokenByClientCredential({ scopes: [scope] })).accessToken);
try {
  await confidential(order.app.id, { clientSecret: "wrong" }).acquireTokenByClientCredential({ scopes: [scope] });
} catch (problem) {
  found.msal_wrong_secret = Number(/AADSTS(\d+)/.exec(problem.message)?.[1]);
}

const place = { authorityHost: order.url, disableInstanceDiscovery: true };
const credential = new identity.ClientSecretCredential(order.tenant, order.app.id, order.app.secret, place);
found.identity_secret = Boolean((await credential.getToken(scope)).token);
const certified = new identity.ClientCertificateCredential(
  order.tenant,
  order.certified.id,
  { certificatePath: order.certified.file },
  place,
);
found.identity_certificate = Boolean((await certified.getToken(scope)).token);

const client = graph.Client.initWithMiddleware({
  authProvider: new TokenCredentialAuthenticationProvider(credential, { scopes: [scope] }),
  baseUrl: order.url,
  customHosts: new Set([new URL(order.url).hostname]),
});
found.graph_organization = (await client.api("/organization").get()).value[0].displayName;
const rows = [];
const first = await client.api("/users").select("id").top(50).get();
await new graph.PageIterator(client, first, (row) => rows.push(row.id) > 0).iterate();
found.graph_users = new Set(rows).size;
const content = new graph.BatchRequestContent([
  { id: "1", request: new Request("https://graph.microsoft.com/organization", { method: "GET" }) },
  { id: "2", request: new Request("https://graph.microsoft.com/users/nobody", { method: "GET" }) },
]);
const answers = new graph.BatchResponseContent(await client.api("/$batch").post(await content.getContent()));
found.graph_batch = ["1", "2"].map((id) => answers.getResponseById(id).status);
try {
  await client.api("/applications").get();
} catch (problem) {
  found.graph_error = problem.code;
}
console.log(JSON.stringify(found));
