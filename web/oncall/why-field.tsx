import { Field, slotProps } from '../ui/form.tsx';
import { Input } from '../ui/input.tsx';

interface WhyFieldProps {
  value: string;
  onValue: (value: string) => void;
  className?: string;
}

/** Why somebody else is on call, for whoever reads the week. */
export function WhyField({ value, onValue, className }: WhyFieldProps) {
  return (
    <Field label="Why" aside="optional" className={className}>
      {(slot) => (
        <Input {...slotProps(slot)} value={value} maxLength={500} onChange={(event) => onValue(event.target.value)} />
      )}
    </Field>
  );
}
