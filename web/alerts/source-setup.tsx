import { useState } from 'react';
import { datadogTemplate } from '#contracts/alerts/formats/datadog.ts';
import { CodeBlock } from '../ui/code-block.tsx';
import { Segmented } from '../ui/segmented.tsx';

const senders = ['Alertmanager', 'Prometheus', 'Grafana', 'Datadog', 'PagerDuty', 'curl'] as const;
type Sender = (typeof senders)[number];

/** The part of an address before its path, for senders that add a path of their own. */
function hostOf(url: string): { scheme: string; host: string; prefix: string } {
  const { protocol, host, pathname } = new URL(url);
  return { scheme: protocol.slice(0, -1), host, prefix: pathname };
}

/** What to write where, for each kind of sender. `url` ends in the token, or in a word in its place. */
function words(sender: Sender, url: string): { how: string; what: string; text: string } {
  const { scheme: over, host, prefix } = hostOf(url);
  switch (sender) {
    case 'Alertmanager':
      return {
        how: 'In alertmanager.yml; it sends again while an alert fires, which only counts.',
        what: 'receiver',
        text: `receivers:\n  - name: windlass\n    webhook_configs:\n      - url: ${url}\n        send_resolved: true\nroute:\n  receiver: windlass`,
      };
    case 'Prometheus':
      return {
        how: 'Without an Alertmanager between: in prometheus.yml.',
        what: 'alerting section',
        text: `alerting:\n  alertmanagers:\n    - scheme: ${over}\n      path_prefix: ${prefix}\n      static_configs:\n        - targets: ['${host}']`,
      };
    case 'Grafana':
      return {
        how: 'Alerting, Contact points, Add: the integration “Webhook” with this address, or by its provisioning file.',
        what: 'contact point',
        text: `apiVersion: 1\ncontactPoints:\n  - name: windlass\n    receivers:\n      - uid: windlass\n        type: webhook\n        settings:\n          url: ${url}\n          httpMethod: POST`,
      };
    case 'Datadog':
      return {
        how: `Integrations, Webhooks, New: the address ${url} with this payload, then @webhook-<name> in a monitor’s message.`,
        what: 'payload',
        text: JSON.stringify(datadogTemplate, null, 2),
      };
    case 'PagerDuty':
      return {
        how: 'Senders that speak the Events API v2 and can be given another host: the routing key is the token.',
        what: 'command',
        text: `curl -X POST ${url}/v2/enqueue -H 'Content-Type: application/json' \\\n  -d '{"event_action":"trigger","dedup_key":"db-1-disk","payload":{"summary":"Disk of db-1 is full","source":"db-1","severity":"critical"}}'`,
      };
    case 'curl':
      return {
        how: 'One alert by hand, as Alertmanager would send it.',
        what: 'command',
        text: `curl -X POST ${url} -H 'Content-Type: application/json' \\\n  -d '{"version":"4","alerts":[{"status":"firing","labels":{"alertname":"Hello","severity":"warning"},"annotations":{"summary":"Hello from curl"}}]}'`,
      };
  }
}

/** How each kind of sender is set up to send here. */
export function SourceSetup({ url }: { url: string }) {
  const [sender, setSender] = useState<Sender>('Alertmanager');
  const { how, what, text } = words(sender, url);
  return (
    <div className="flex min-w-0 flex-col gap-2">
      <div className="overflow-x-auto">
        <Segmented
          label="Sender"
          value={sender}
          onValue={setSender}
          options={senders.map((value) => ({ value, label: value }))}
        />
      </div>
      <p className="text-meta text-text-2">{how}</p>
      <CodeBlock what={what} wrap>
        {text}
      </CodeBlock>
    </div>
  );
}
