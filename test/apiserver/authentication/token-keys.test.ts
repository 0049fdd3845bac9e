import { afterEach, describe, expect, test } from "vitest";
import { legacyClaims } from "../../../src/api/account-claims.ts";
import { Secret } from "../../../src/api/secret.ts";
import { signToken } from "../../../src/component/json-web-token.ts";
import { readSigningKey, readVerificationKeys } from "../../../src/component/signing-key.ts";
import { type AccountServer, ISSUER, startAccountServer } from "../../support/account-server.ts";
import { ask } from "../../support/api-request.ts";
import { privateKeyPem, signingKey } from "../../support/signing-keys.ts";

let server: AccountServer;
afterEach(() => server.stop());

const KINDS = ["rsa", "prime256v1", "secp384r1", "secp521r1"];

describe("the keys of a server", () => {
  test.each(KINDS)("may be %s", async (type) => {
    server = await startAccountServer({
      accountTokens: { issuers: [ISSUER], signingKey: signingKey(type) },
    });
    await server.account("robot");
    const { json } = await server.requestToken("robot");

    expect((await server.whoIs(json.status.token)).status).toBe(201);
  });

  test("check tokens of an older key and an older issuer, but sign with the new one", async () => {
    server = await startAccountServer({
      accountTokens: { issuers: ["https://old"], signingKey: signingKey("prime256v1", 2) },
    });
    await server.account("robot");
    const old = (await server.requestToken("robot", { audiences: [ISSUER] })).json.status.token;
    const uid = (await server.whoIs(old)).status;
    expect(uid).toBe(401);
    await server.stop();

    server = await startAccountServer({
      accountTokens: {
        issuers: [ISSUER, "https://old"],
        signingKey: signingKey(),
        keys: readVerificationKeys(privateKeyPem("prime256v1", 2)),
      },
    });

    expect((await server.review(old)).error).toBe(
      '[invalid bearer token, serviceaccounts "robot" not found]',
    );
  });

  test("are shown to whoever wants to check a token, with no secret in them", async () => {
    server = await startAccountServer({
      accountTokens: {
        issuers: [ISSUER],
        signingKey: signingKey(),
        keys: readVerificationKeys(privateKeyPem("rsa")),
      },
      advertise: { address: "10.0.0.1", port: 6443 },
    });

    const discovery = await ask(server.transport, "GET", "/.well-known/openid-configuration");
    const keys = await ask(server.transport, "GET", "/openid/v1/jwks");

    expect(discovery.json).toEqual({
      issuer: ISSUER,
      jwks_uri: "https://10.0.0.1:6443/openid/v1/jwks",
      response_types_supported: ["id_token"],
      subject_types_supported: ["public"],
      id_token_signing_alg_values_supported: ["ES256", "RS256"],
    });
    expect(keys.headers["content-type"]).toBe("application/jwk-set+json");
    expect(keys.json.keys.map((key: object) => Object.keys(key).toSorted())).toEqual([
      ["alg", "crv", "kid", "kty", "use", "x", "y"],
      ["alg", "e", "kid", "kty", "n", "use"],
    ]);
  });

  test("are not shown where the issuer is no https address", async () => {
    server = await startAccountServer({
      accountTokens: { issuers: ["kubernetes"], signingKey: signingKey() },
    });
    expect((await ask(server.transport, "GET", "/openid/v1/jwks")).status).toBe(404);
  });

  test("are refused in Kubernetes' words where there is none in the file", async () => {
    server = await startAccountServer();
    expect(() => readSigningKey("nonsense")).toThrow(
      "data does not contain a valid RSA or ECDSA private key",
    );
    expect(() => readVerificationKeys("")).toThrow(
      "data does not contain any valid RSA or ECDSA public keys",
    );
  });
});

describe("a token that lies in a secret", () => {
  const lay = async (tokenOf: (token: string) => string = (token) => token) => {
    server = await startAccountServer();
    const account = await server.account("robot");
    const token = signToken(legacyClaims(account, "robot-token"), signingKey());
    await server.client.create(Secret, "default", {
      metadata: {
        name: "robot-token",
        annotations: { "kubernetes.io/service-account.name": "robot" },
      },
      type: "kubernetes.io/service-account-token",
      data: { token: Buffer.from(tokenOf(token)).toString("base64") },
    });
    return token;
  };

  test("stands for its account, for as long as the secret is there", async () => {
    const token = await lay();
    expect((await server.whoIs(token)).json.status.userInfo.username).toBe(
      "system:serviceaccount:default:robot",
    );

    await server.client.delete(Secret, "default", "robot-token");

    await expect
      .poll(() => server.review(token))
      .toMatchObject({
        error: "[invalid bearer token, Token has been invalidated]",
      });
  });

  test("must be the one that lies there", async () => {
    const token = await lay((one) => `${one}x`);
    expect((await server.review(token)).error).toBe(
      "[invalid bearer token, Token does not match server's copy]",
    );
  });
});
