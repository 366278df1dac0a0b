# 24 is the line of Node that Usher needs: it runs TypeScript as it is, so only the console is built. 24.21 is the
# one that the tests run with ("node" in package.json): change both together. "slim" is Debian: better-sqlite3
# brings a ready-made library for glibc on amd64 and arm64.
FROM node:24.21-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# No install script is needed, and so none gets to run.
RUN npm ci --omit=dev --ignore-scripts

# The console, of which the image gets the built files and nothing that builds them.
FROM node:24.21-slim AS console
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY tsconfig.json ./
COPY src/console ./src/console
RUN node node_modules/vite/bin/vite.js build src/console

FROM node:24.21-slim
ENV NODE_ENV=production \
    MALLOC_ARENA_MAX=2 \
    DATA_DIR=/data
WORKDIR /app
COPY --from=dependencies /app/node_modules ./node_modules
COPY package.json LICENSE ./
COPY src ./src
COPY --from=console /app/dist ./dist
# Compiles the sources once, here: the container then starts faster and needs less memory.
ENV NODE_COMPILE_CACHE=/app/.compile-cache
RUN node src/usher.js version
# "usher check" in a shell of the container, as the texts of Usher have it. The program belongs to root, the data to node.
RUN ln -s /app/src/usher.js /usr/local/bin/usher \
    && install -d -o node -g node -m 700 /data
USER node
VOLUME /data
EXPOSE 5000
# Whether the process answers, and nothing more: a homeserver that is down is no reason to restart Usher.
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s --retries=3 \
    CMD ["node", "-e", "fetch('http://127.0.0.1:' + (process.env.PORT || 5000) + '/healthz').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
STOPSIGNAL SIGTERM
# The flag, and MALLOC_ARENA_MAX above: else a large directory takes 200 MB more, for no gain.
CMD ["node", "--max-semi-space-size=8", "src/usher.js", "serve"]
