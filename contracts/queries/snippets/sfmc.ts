import { type BuiltInSnippet, snippetOf } from './snippet.ts';

const make = snippetOf('sfmc');

/** On the data views of Marketing Cloud. */
export const sfmcSnippets: readonly BuiltInSnippet[] = [
  make(
    'opened',
    'Subscribers who opened a mail in the last days, with the last of those mails. The number of days is a stop.',
    `
SELECT o.SubscriberKey, COUNT(DISTINCT o.JobID) AS Jobs, MAX(o.EventDate) AS LastOpen, MAX(j.EmailName) AS AnEmail
FROM _Open o
JOIN _Job j ON j.JobID = o.JobID
WHERE o.IsUnique = 1 AND o.EventDate >= {{ since: date = today - \${1:30}d }}
GROUP BY o.SubscriberKey`,
  ),
  make(
    'notclicked',
    'Subscribers who were sent to since a day and clicked nothing since: an anti-join, which nulls do not upset.',
    `
SELECT DISTINCT s.SubscriberKey
FROM _Sent s
LEFT JOIN _Click c ON c.SubscriberID = s.SubscriberID AND c.EventDate >= {{ since: date = today - \${1:30}d }}
WHERE s.EventDate >= {{ since }} AND c.SubscriberID IS NULL`,
  ),
  make(
    'dedupe',
    'One row for each key, the newest: rows are numbered within the key, and the first of each is kept.',
    `
SELECT \${1:SubscriberKey}, \${2:EmailAddress}
FROM (
  SELECT \${1}, \${2}, ROW_NUMBER() OVER (PARTITION BY \${1} ORDER BY \${3:DateJoined} \${4|DESC,ASC|}) AS Place
  FROM \${5:_Subscribers}
) numbered
WHERE Place = 1`,
  ),
  make(
    'nobounce',
    'A condition: no hard bounce since a day. It goes behind a WHERE whose table has SubscriberID.',
    `
AND NOT EXISTS (
  SELECT b.SubscriberID
  FROM _Bounce b
  WHERE b.SubscriberID = \${1:s}.SubscriberID
    AND b.BounceCategory = '\${2|Hard bounce,Soft bounce,Block bounce|}'
    AND b.EventDate >= {{ bounced_since: date = today - \${3:90}d }}
)`,
  ),
  make(
    'window',
    'A condition: from a day to before another, whole days of the account. Both days become parameters.',
    `\${1:s}.\${2:EventDate} >= {{ first_day: date = start of month }} AND \${1}.\${2} < {{ before_day: date = today }}`,
  ),
  make(
    'lastdays',
    'A condition: within the last days, weeks or months by the clock of the account.',
    `\${1:s}.\${2:EventDate} >= DATEADD(\${3|DAY,WEEK,MONTH,HOUR|}, -\${4:7}, GETDATE())`,
  ),
  make(
    'clickjoin',
    'Joins clicks to sends by the whole key (job, list, batch, subscriber), so that no send counts twice.',
    `
LEFT JOIN _Click \${2:c}
  ON \${2}.JobID = \${1:s}.JobID AND \${2}.ListID = \${1}.ListID AND \${2}.BatchID = \${1}.BatchID
  AND \${2}.SubscriberID = \${1}.SubscriberID AND \${2}.IsUnique = 1`,
  ),
  make(
    'recency',
    'A column: how long ago something was, in words. It goes into the list of a SELECT.',
    `
CASE
  WHEN \${1:u}.\${2:DateJoined} >= DATEADD(DAY, -\${3:30}, GETDATE()) THEN '\${4:new}'
  WHEN \${1}.\${2} >= DATEADD(DAY, -\${5:365}, GETDATE()) THEN '\${6:known}'
  ELSE '\${7:old}'
END AS \${8:Recency}`,
  ),
];
