// A provider of OpenID Connect for tests: `node provider.mjs SETTINGS.json`.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const settings = JSON.parse(readFileSync(process.argv[2], 'utf8'));
// The packages are in a folder of their own, by their lock.
const { Provider } = await import(
  pathToFileURL(createRequire(`${settings.packages}/`).resolve('oidc-provider')).href
);

const provider = new Provider(settings.issuer, {
  clients: [{
    client_id: settings.client_id,
    client_secret: settings.client_secret,
    redirect_uris: [settings.callback],
    post_logout_redirect_uris: [settings.signed_out],
  }],
  claims: { openid: ['sub', 'acr', 'amr'], profile: ['preferred_username', 'groups'] },
  cookies: { keys: ['of-this-test'] },
  // Any login with any password: who it is, `people` says.
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({ sub: `subject-of-${id}`, preferred_username: id, ...settings.people[id] }),
  }),
  pkce: { required: () => true },
  acrValues: ['strong'],
  features: { devInteractions: { enabled: true }, rpInitiatedLogout: { enabled: true } },
});
// Its own forms say nothing of how a login was made: `strengths` does, by login.
provider.use(async (context, next) => {
  await next();
  const [, uid] = /^\/interaction\/([^/]+)$/.exec(context.path) ?? [];
  const met = uid && context.method === 'POST' ? await provider.Interaction.find(uid) : undefined;
  const strength = settings.strengths[met?.result?.login?.accountId];
  if (strength) {
    Object.assign(met.result.login, strength);
    await met.save(60);
  }
});
if (settings.certificate) {
  const [cert, key] = [settings.certificate, settings.key].map((place) => readFileSync(place));
  createServer({ cert, key }, provider.callback()).listen(settings.port, settings.address);
} else {
  provider.listen(settings.port, settings.address);
}
