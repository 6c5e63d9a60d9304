"""The Celery app: it wakes stages up and nothing else. JSON only, early acks, no results, no retries of its own."""

from __future__ import annotations

from celery import Celery

from worker.settings import Settings
from worker.topology import BEAT, CONTROL, STAGES
from worker.valkey import check_private, local_socket

SLACK = 10  # seconds a task may take beyond its stage's own before its process is ended (prefork only)


def broker_url(settings: Settings) -> str:
    """Celery's spelling of the Redis URL: a unix socket is `redis+socket://`."""
    url = settings.redis
    return "redis+socket://" + url.removeprefix("unix://") if url.startswith("unix://") else url


def make_app(settings: Settings, *, tasks: bool = True) -> Celery:
    """A configured app. Opens no connection. Beat needs no `tasks`: it only names them.

    Raises SetupError where the local socket's folder is not ours alone: kombu connects without looking.
    """
    if local_socket(settings):
        check_private(settings.valkey_socket.parent)
    include = ["worker.tasks"] if tasks else []
    app = Celery("kawat", broker=broker_url(settings), include=include, set_as_current=True)
    app.conf.update(
        accept_content=["json"],
        task_serializer="json",
        event_serializer="json",
        task_ignore_result=True,
        task_store_errors_even_if_ignored=False,
        task_default_queue=CONTROL,
        task_create_missing_queues=True,
        task_acks_late=False,
        task_publish_retry=False,  # a wake that is lost costs at most one tick
        task_time_limit=max(stage.seconds for stage in STAGES.values()) + SLACK,
        worker_prefetch_multiplier=1,
        worker_send_task_events=False,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        worker_enable_remote_control=False,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        worker_max_memory_per_child=600_000,  # kB: a page can make lxml grow
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options={
            "global_keyprefix": settings.redis_prefix + "celery:",
            "socket_timeout": 15,
            "socket_keepalive": True,
            "polling_interval": 0.5,
        },
        beat_scheduler="celery.beat:Scheduler",  # in memory: every entry is an interval, nothing is worth a file
        beat_max_loop_interval=1,
        beat_schedule={
            name: {
                "task": f"kawat.{name}",
                "schedule": seconds,
                "options": {"queue": CONTROL, "expires": max(10.0, 2 * seconds), "ignore_result": True},
            }
            for name, seconds in BEAT.items()
        },
        task_routes={f"kawat.{stage.name}": {"queue": stage.queue} for stage in STAGES.values()},
    )
    return app
