# One image for all roles: docker-compose.yml shows which process runs what.
FROM node:24-bookworm-slim AS build
WORKDIR /windlass
COPY package.json package-lock.json .npmrc ./
# The console is built once the sources are there.
RUN npm ci --ignore-scripts && npm rebuild node
COPY . .
RUN npm run prepare

FROM node:24-bookworm-slim
ENV NODE_ENV=production WINDLASS_HOME=/data HOST=0.0.0.0 PORT=3000
WORKDIR /windlass
COPY --from=build --chown=node:node /windlass /windlass
RUN mkdir /data && chown node:node /data
USER node
VOLUME /data
EXPOSE 3000
# The supervisor migrates and starts the roles; with DATABASE_URL and TEMPORAL_ADDRESS set it brings no servers of its own.
CMD ["node", "system/supervisor/main.ts"]
