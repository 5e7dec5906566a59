import sys,asyncio
