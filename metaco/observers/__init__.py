"""Who looks on while a run goes on: the workspace, its git history, logging, telemetry."""
