"""Why a token, a proof or a client assertion was refused, in words. In a sandbox alone: elsewhere a refusal says nothing."""
