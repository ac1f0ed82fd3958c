import { errors, jwtVerify } from 'jose';
import { z } from 'zod';
import { QueryFailure } from '#contracts/queries/failures.ts';
import { Secret } from '#system/secret.ts';

/** Who opened the app from within Marketing Cloud, from either form of claims. */
export interface LaunchIdentity {
  /** Works once: whoever verifies remembers it until `expiresAtMs`. */
  readonly jti: string;
  readonly expiresAtMs: number;
  readonly userId: string;
  readonly email: string | null;
  readonly mid: number;
  readonly enterpriseId: number | null;
  readonly stack: string | null;
  /** Where tokens and REST of the tenant are, as far as the claims say. */
  readonly authEndpoint: string | null;
  readonly restUrl: string | null;
  readonly tssd: string | null;
  /** Of packages with an API integration; null: the user goes through the sign-in page. */
  readonly refreshToken: Secret | null;
}

/** Seconds by which clocks may differ. */
const skewS = 60;
const Id = z.union([z.string().min(1), z.number()]).transform(String);
const Mid = z.coerce.number().int().positive();

const Classic = z.object({
  jti: z.string().min(1),
  exp: z.number(),
  request: z.object({
    user: z.object({ id: Id, email: z.string().optional() }),
    organization: z.object({ id: Mid, enterpriseId: Mid.optional(), stackKey: z.string().optional() }),
    rest: z
      .object({ authEndpoint: z.url(), apiEndpointBase: z.url(), refreshToken: z.string().min(1) })
      .partial()
      .optional(),
  }),
});
const Flat = z.object({
  jti: z.string().min(1),
  exp: z.number(),
  user_id: Id,
  email: z.string().optional(),
  member_id: Mid,
  enterprise_id: Mid.optional(),
  stack: z.string().optional(),
  application_context: z.object({ base_url: z.url() }).partial().optional(),
});

/** The tenant's subdomain in the name of one of its hosts. */
const tssdOf = (url: string | undefined): string | null =>
  (url &&
    URL.canParse(url) &&
    /^(mc[0-9a-z-]{26})\.(?:auth|rest|soap)\.marketingcloudapis\.com$/.exec(new URL(url).hostname)?.[1]) ||
  null;

/**
 * Verifies the token that App Switcher posts: HS256 and nothing else, signature, expiry, and issuer and audience where they
 * are configured. That its `jti` was not seen before is the caller's part.
 * @throws QueryFailure `auth`: `launch_expired` or `launch_invalid`
 */
export async function verifyLaunchToken(
  jwt: string,
  { secret, issuer, audience, now }: { secret: Secret; issuer?: string; audience?: string; now: () => number },
): Promise<LaunchIdentity> {
  const { payload } = await jwtVerify(jwt, new TextEncoder().encode(secret.reveal()), {
    algorithms: ['HS256'],
    clockTolerance: skewS,
    currentDate: new Date(now()),
    requiredClaims: ['exp', 'jti'],
    ...(issuer !== undefined && { issuer }),
    ...(audience !== undefined && { audience }),
  }).catch((error: unknown) => {
    throw error instanceof errors.JWTExpired
      ? refused('launch_expired', 'The sign-in from Marketing Cloud has expired.', error)
      : refused('launch_invalid', 'The sign-in from Marketing Cloud is not valid.', error);
  });
  const classic = Classic.safeParse(payload);
  if (classic.success) {
    const { jti, exp, request } = classic.data;
    return {
      jti,
      expiresAtMs: (exp + skewS) * 1_000,
      userId: request.user.id,
      email: request.user.email ?? null,
      mid: request.organization.id,
      enterpriseId: request.organization.enterpriseId ?? null,
      stack: request.organization.stackKey ?? null,
      authEndpoint: request.rest?.authEndpoint ?? null,
      restUrl: request.rest?.apiEndpointBase ?? null,
      tssd: tssdOf(request.rest?.apiEndpointBase) ?? tssdOf(request.rest?.authEndpoint),
      refreshToken: request.rest?.refreshToken === undefined ? null : new Secret(request.rest.refreshToken),
    };
  }
  const flat = Flat.safeParse(payload);
  if (!flat.success)
    throw refused('launch_invalid', 'The sign-in from Marketing Cloud does not say who signs in.', flat.error);
  const { jti, exp, user_id, email, member_id, enterprise_id, stack, application_context } = flat.data;
  return {
    jti,
    expiresAtMs: (exp + skewS) * 1_000,
    userId: user_id,
    email: email ?? null,
    mid: member_id,
    enterpriseId: enterprise_id ?? null,
    stack: stack ?? null,
    authEndpoint: null,
    restUrl: application_context?.base_url ?? null,
    tssd: tssdOf(application_context?.base_url),
    refreshToken: null,
  };
}

const refused = (code: string, message: string, cause: unknown): QueryFailure =>
  new QueryFailure({ kind: 'auth', code, message, hint: 'Open the app from Marketing Cloud again.' }, cause);
