"""A reducer as a process: JSON lines in, JSON lines out. See PROCESS.md."""

import json
import sys


def fold(state, event):
    data = event["data"]
    match event["type"]:
        case "AccountOpened":
            return {"owner": data["owner"], "balance": 0}
        case "Deposited":
            return {**state, "balance": state["balance"] + data["amount"]}
        case "Withdrawn":
            return {**state, "balance": state["balance"] - data["amount"]}
        case "AccountClosed":
            return None
    return state


def main():
    for line in sys.stdin:
        request = json.loads(line)
        if "protocol" in request:
            reply = {"protocol": "eventscope-reducer", "version": 1}
        else:
            try:
                reply = {"id": request["id"], "state": fold(request["state"], request["event"])}
            except Exception as error:
                reply = {"id": request["id"], "error": f"{type(error).__name__}: {error}"}
        print(json.dumps(reply), flush=True)


if __name__ == "__main__":
    main()
