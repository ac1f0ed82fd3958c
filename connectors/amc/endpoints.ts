/** Where one region of the service is reached (AMC §1.1, §9). All of it is configuration: a simulator has other addresses. */
export interface AmcEndpoints {
  /** Login with Amazon: the page people see, and where codes become tokens. */
  readonly consent: string;
  readonly token: string;
  /** Base of the Ads API, without a slash at its end. */
  readonly ads: string;
  readonly sellingPartner: string;
}
export const amcRegions = ['na', 'eu', 'fe'] as const;
export type AmcRegion = (typeof amcRegions)[number];

export const amcEndpoints: Readonly<Record<AmcRegion, AmcEndpoints>> = {
  na: {
    consent: 'https://www.amazon.com/ap/oa',
    token: 'https://api.amazon.com/auth/o2/token',
    ads: 'https://advertising-api.amazon.com',
    sellingPartner: 'https://sellingpartnerapi-na.amazon.com',
  },
  eu: {
    consent: 'https://eu.account.amazon.com/ap/oa',
    token: 'https://api.amazon.co.uk/auth/o2/token',
    ads: 'https://advertising-api-eu.amazon.com',
    sellingPartner: 'https://sellingpartnerapi-eu.amazon.com',
  },
  fe: {
    consent: 'https://apac.account.amazon.com/ap/oa',
    token: 'https://api.amazon.co.jp/auth/o2/token',
    ads: 'https://advertising-api-fe.amazon.com',
    sellingPartner: 'https://sellingpartnerapi-fe.amazon.com',
  },
};

/** Countries by the marketplace ids that accounts carry (AMC §2.2). */
export const marketplaceCountries: Readonly<Record<string, string>> = {
  ATVPDKIKX0DER: 'US',
  A2EUQ1WTGCTBG2: 'CA',
  A1AM78C64UM0Y8: 'MX',
  A2Q3Y263D00KWC: 'BR',
  A1F83G8C2ARO7P: 'UK',
  A1PA6795UKMFR9: 'DE',
  A13V1IB3VIYZZH: 'FR',
  APJ6JRA9NG5V4: 'IT',
  A1RKKUPIHCS9HS: 'ES',
  A1805IZSGTT6HS: 'NL',
  A2NODRKZP88ZB9: 'SE',
  A33AVAJ2PDY3EV: 'TR',
  A17E79C6D8DWNP: 'SA',
  A2VIGQ35RCS4UG: 'AE',
  A39IBJ37TRP1C6: 'AU',
  A1VC38T7YXB528: 'JP',
  A21TJRUUN4KGV: 'IN',
};
