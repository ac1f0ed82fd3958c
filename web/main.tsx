import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { fetchLater } from './kit/fetch-later.ts';
import { whenPageStands } from './kit/page-stands.ts';
import { queryClient } from './kit/query-client.ts';
import { router } from './router.tsx';
import { Toaster } from './ui/toast.tsx';
import { TooltipProvider } from './ui/tooltip.tsx';
import './ui/theme.css';

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root');
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <TooltipProvider>
        <RouterProvider router={router} />
        <Toaster />
      </TooltipProvider>
    </QueryClientProvider>
  </StrictMode>,
);

// Once the page stands: measuring must not be what makes it late. The browser has kept what happened until then.
void whenPageStands()
  .then(() => fetchLater(() => import('./kit/vitals.ts')))
  .then(({ reportVitals }) => reportVitals(router));
