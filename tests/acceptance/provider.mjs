// A real OpenID Connect provider on loopback, over TLS: what a city's identity platform is to the suite.
//   node tests/acceptance/provider.mjs TLS_FILE PORT GENERATION [ISSUER]
// TLS_FILE holds key and certificate. The signing keys are made at each start and named after GENERATION, so a new
// generation on the same port is a provider that replaced its keys; with the ISSUER of another it is an impostor.
// Prints `ready ISSUER`, then a line for each request.
import { generateKeyPairSync } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer } from "node:https";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const root = "target/ci-tools/npm/node_modules";
const require = createRequire(pathToFileURL(`${process.cwd()}/${root}/`));
const { Provider } = await import(pathToFileURL(require.resolve("oidc-provider")));
const [tls, port, generation, another] = process.argv.slice(2);

function key(type, options) {
  const { privateKey } = generateKeyPairSync(type, options);
  return { ...privateKey.export({ format: "jwk" }), kid: `${type}-${generation}`, use: "sig" };
}

// A resource names all that a token is to be: `https://AUDIENCE/ALGORITHM/SECONDS`.
function resourceServer(_context, resource) {
  const { origin, pathname } = new URL(resource);
  const [, alg, seconds] = pathname.split("/");
  const jwt = { sign: { alg } };
  return { audience: origin, scope: "", accessTokenFormat: "jwt", accessTokenTTL: Number(seconds), jwt };
}

const configuration = {
  clients: [
    // The system of a department, which acts for itself.
    {
      client_id: "bureau",
      client_secret: "secret-of-the-bureau",
      grant_types: ["client_credentials"],
      redirect_uris: [],
      response_types: [],
    },
    // A page that people sign in to.
    {
      client_id: "console",
      token_endpoint_auth_method: "none",
      grant_types: ["authorization_code"],
      redirect_uris: ["https://console.example/back"],
    },
  ],
  cookies: { keys: ["only for tests"] },
  features: {
    clientCredentials: { enabled: true },
    resourceIndicators: { enabled: true, getResourceServerInfo: resourceServer, useGrantedResource: () => true },
  },
  findAccount: (_context, sub) => ({ accountId: sub, claims: () => ({ sub }) }),
  jwks: {
    keys: [key("rsa", { modulusLength: 2048 }), key("ec", { namedCurve: "P-256" }), key("ed25519", {})],
  },
};

const pem = await readFile(tls);
const server = createServer({ key: pem, cert: pem });
server.listen(Number(port), "127.0.0.1", () => {
  const issuer = another ?? `https://127.0.0.1:${server.address().port}`;
  const answer = new Provider(issuer, configuration).callback();
  server.on("request", (request, response) => {
    console.log(`${request.method} ${request.url}`);
    answer(request, response);
  });
  console.log(`ready ${issuer} at https://127.0.0.1:${server.address().port}`);
});
