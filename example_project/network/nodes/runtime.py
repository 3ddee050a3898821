"""What client_golang itself puts on every page: the Go runtime, the process, the handler."""

from __future__ import annotations

from typing import Final

from example_project.network.nodes.family import Family, counter, gauge

RUNTIME: Final[tuple[Family, ...]] = (
    gauge("go_goroutines"),
    gauge("go_threads"),
    gauge("go_info", version=("go1.21.4",)),
    gauge("go_memstats_alloc_bytes"),
    counter("go_memstats_alloc_bytes_total"),
    gauge("go_memstats_heap_alloc_bytes"),
    gauge("go_memstats_heap_inuse_bytes"),
    gauge("go_memstats_heap_objects"),
    gauge("go_memstats_sys_bytes"),
    counter("go_memstats_mallocs_total"),
    counter("go_memstats_frees_total"),
    gauge("go_memstats_last_gc_time_seconds"),
    Family("go_gc_duration_seconds", "summary"),
    counter("process_cpu_seconds_total"),
    gauge("process_max_fds"),
    gauge("process_open_fds"),
    gauge("process_resident_memory_bytes"),
    gauge("process_start_time_seconds"),
    gauge("process_virtual_memory_bytes"),
    counter("promhttp_metric_handler_requests_total", code=("200", "500", "503")),
    gauge("promhttp_metric_handler_requests_in_flight"),
)
