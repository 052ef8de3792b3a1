# docker build -t sagemaker-gateway .
# docker run --stop-timeout 30 -p 8000:8000 -e GATEWAY_ALLOW_UNAUTHENTICATED=true -e GATEWAY_REGION=eu-west-1 \
#   -e AWS_ACCESS_KEY_ID -e AWS_SECRET_ACCESS_KEY -e AWS_SESSION_TOKEN sagemaker-gateway

FROM python:3.13-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /src
COPY requirements/build.txt requirements/runtime.txt requirements/
# Two environments: one that builds the wheel, and one without pip that goes into the final image.
RUN python -m venv /build \
 && /build/bin/pip install --require-hashes -r requirements/build.txt \
 && python -m venv --without-pip /venv \
 && /build/bin/pip --python /venv/bin/python install --require-hashes -r requirements/runtime.txt
COPY pyproject.toml README.md LICENSE ./
COPY gateway gateway
RUN /build/bin/pip wheel --no-deps --no-build-isolation -w dist . \
 && /build/bin/pip --python /venv/bin/python install --no-deps dist/*.whl

FROM python:3.13-slim
COPY --from=build /venv /venv
ENV PATH=/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    GATEWAY_HOST=0.0.0.0
USER 10001:10001
WORKDIR /tmp
EXPOSE 8000
# Not through a proxy that the environment may name, and without AWS: a restart mends neither.
HEALTHCHECK --interval=10s --timeout=4s --start-period=10s --retries=3 \
  CMD ["python", "-c", "import os, urllib.request as r; r.build_opener(r.ProxyHandler({})).open('http://localhost:' + os.environ.get('GATEWAY_PORT', '8000') + '/healthz', timeout=3)"]
# Requests under way are finished first, for up to 21 seconds with the defaults: docker run --stop-timeout 30
STOPSIGNAL SIGTERM
# `serve` refuses to listen here until GATEWAY_ACCESS_FILE names a file that says who may call, or
# GATEWAY_ALLOW_UNAUTHENTICATED=true says that anybody may, because something in front asks them.
ENTRYPOINT ["sagemaker-gateway"]
CMD ["serve"]
