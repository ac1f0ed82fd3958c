import type { ParameterDef } from '../parameter-defs.ts';
import type { QueryTemplate } from './template.ts';

const since: ParameterDef = {
  name: 'since',
  type: 'date',
  label: 'since',
  description: 'From this day on. Data views keep six months.',
  default: 'today - 30d',
  isRequired: true,
};
const number = (name: string, preset: number, description: string): ParameterDef => ({
  name,
  type: 'number',
  description,
  default: preset,
  isRequired: true,
});
const make = (
  id: string,
  title: string,
  why: string,
  parameters: readonly ParameterDef[],
  sql: string,
): QueryTemplate => ({
  id: `sfmc.${id}`,
  engine: 'sfmc',
  title,
  why,
  parameters,
  sql: sql.trim(),
});

/** On the data views of Marketing Cloud: they are the same in every business unit. */
export const sfmcTemplates: readonly QueryTemplate[] = [
  make(
    'sends_by_job',
    'Sent, opened, clicked by job',
    'One row for each send with its unique opens and clicks. The views are joined by job, list, batch and subscriber, so that no row counts twice.',
    [since],
    `
SELECT
  j.JobID,
  j.EmailName,
  COUNT(DISTINCT s.SubscriberID) AS Sent,
  COUNT(DISTINCT o.SubscriberID) AS Opened,
  COUNT(DISTINCT c.SubscriberID) AS Clicked
FROM _Job j
JOIN _Sent s ON s.JobID = j.JobID
LEFT JOIN _Open o
  ON o.JobID = s.JobID AND o.ListID = s.ListID AND o.BatchID = s.BatchID
  AND o.SubscriberID = s.SubscriberID AND o.IsUnique = 1
LEFT JOIN _Click c
  ON c.JobID = s.JobID AND c.ListID = s.ListID AND c.BatchID = s.BatchID
  AND c.SubscriberID = s.SubscriberID AND c.IsUnique = 1
WHERE s.EventDate >= {{ since }}
GROUP BY j.JobID, j.EmailName`,
  ),
  make(
    'opened_not_clicked',
    'Opened but never clicked',
    'Subscribers who opened at least so many times and clicked nothing since a day: a segment for another try.',
    [since, number('min_opens', 2, 'Opens at least')],
    `
SELECT o.SubscriberKey, COUNT(*) AS Opens, MAX(o.EventDate) AS LastOpen
FROM _Open o
LEFT JOIN _Click c ON c.SubscriberID = o.SubscriberID AND c.EventDate >= {{ since }}
WHERE o.EventDate >= {{ since }} AND c.SubscriberID IS NULL
GROUP BY o.SubscriberKey
HAVING COUNT(*) >= {{ min_opens }}`,
  ),
  make(
    'inactive',
    'Sent to, never opened',
    'Active subscribers who were sent to and opened nothing since a day. Opens are counted by images, so some of them read all the same.',
    [since],
    `
SELECT s.SubscriberKey, u.EmailAddress, COUNT(*) AS Sends, MAX(s.EventDate) AS LastSend
FROM _Sent s
JOIN _Subscribers u ON u.SubscriberID = s.SubscriberID
LEFT JOIN _Open o ON o.SubscriberID = s.SubscriberID AND o.EventDate >= {{ since }}
WHERE s.EventDate >= {{ since }} AND u.Status = 'active' AND o.SubscriberID IS NULL
GROUP BY s.SubscriberKey, u.EmailAddress`,
  ),
  make(
    'bounces_by_domain',
    'Bounces by domain and category',
    'Where mail does not arrive, and why. Hard bounces are people to take off the list, blocks are a matter of reputation.',
    [since],
    `
SELECT b.Domain, b.BounceCategory, COUNT(*) AS Bounces, COUNT(DISTINCT b.SubscriberID) AS People
FROM _Bounce b
WHERE b.EventDate >= {{ since }}
GROUP BY b.Domain, b.BounceCategory`,
  ),
  make(
    'unsubscribes_by_job',
    'Unsubscribes and complaints by job',
    'Which sends drove people away. A complaint weighs more than an unsubscribe.',
    [since],
    `
SELECT j.JobID, j.EmailName, COUNT(DISTINCT u.SubscriberID) AS Unsubscribed, COUNT(DISTINCT p.SubscriberID) AS Complained
FROM _Job j
LEFT JOIN _Unsubscribe u ON u.JobID = j.JobID AND u.EventDate >= {{ since }}
LEFT JOIN _Complaint p ON p.JobID = j.JobID AND p.EventDate >= {{ since }}
WHERE u.SubscriberID IS NOT NULL OR p.SubscriberID IS NOT NULL
GROUP BY j.JobID, j.EmailName`,
  ),
  make(
    'clicks_by_link',
    'Clicks by link',
    'Which links of the sends were clicked, by whom and how often. Times are those of the account, not UTC.',
    [since],
    `
SELECT c.LinkName, c.URL, COUNT(*) AS Clicks, COUNT(DISTINCT c.SubscriberID) AS People, MAX(c.EventDate) AS LastClick
FROM _Click c
WHERE c.EventDate >= {{ since }}
GROUP BY c.LinkName, c.URL`,
  ),
  make(
    'sends_by_day',
    'Sends by day',
    'How many mails went out each day, to how many people: a chart of it shows gaps and peaks.',
    [since],
    `
SELECT CAST(s.EventDate AS date) AS Day, COUNT(*) AS Sends, COUNT(DISTINCT s.SubscriberID) AS People
FROM _Sent s
WHERE s.EventDate >= {{ since }}
GROUP BY CAST(s.EventDate AS date)`,
  ),
  make(
    'frequency',
    'Sent to too often',
    'People who were sent more than so many mails since a day.',
    [since, number('more_than', 2, 'Mails more than')],
    `
SELECT s.SubscriberKey, COUNT(*) AS Sends, COUNT(DISTINCT s.JobID) AS Jobs
FROM _Sent s
WHERE s.EventDate >= {{ since }}
GROUP BY s.SubscriberKey
HAVING COUNT(*) > {{ more_than }}`,
  ),
  make(
    'status',
    'Subscribers by status',
    'How many people are active, held, bounced or unsubscribed, and since when the newest of them is there.',
    [],
    `
SELECT u.Status, COUNT(*) AS People, MAX(u.DateJoined) AS NewestJoined
FROM _Subscribers u
GROUP BY u.Status`,
  ),
  make(
    'journey_sends',
    'Journey mails by activity',
    'What each mail of the journeys sent. The two belong together by the activity’s object id.',
    [since],
    `
SELECT y.JourneyName, a.ActivityName, COUNT(*) AS Sends, COUNT(DISTINCT s.SubscriberID) AS People
FROM _Sent s
JOIN _JourneyActivity a ON a.JourneyActivityObjectID = s.TriggererSendDefinitionObjectID
JOIN _Journey y ON y.VersionID = a.VersionID
WHERE s.EventDate >= {{ since }}
GROUP BY y.JourneyName, a.ActivityName`,
  ),
];
