# The server profile's image: web server, workers, beat and sweeper are the same image, see
# docker-compose.yml. torch comes from PyTorch's own index, because PyPI's build for Linux brings
# GPU libraries of 2.5 GB.
FROM python:3.11-slim-bookworm

ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_EXTRA_INDEX_URL=https://download.pytorch.org/whl/cpu \
    HF_HUB_OFFLINE=1 \
    DATA_DIR=/data \
    HOST=0.0.0.0

WORKDIR /app
COPY requirements.txt constraints.txt ./
RUN pip install --constraint constraints.txt "$(grep '^torch==' requirements.txt)" \
    && pip install --constraint constraints.txt --requirement requirements.txt

COPY . .
RUN useradd --system --uid 10001 supportbot && install -d -o supportbot /data
USER supportbot
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=2)"]
CMD ["python", "manage.py", "serve"]
